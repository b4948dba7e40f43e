/** How much is measured: enough for a steady median in under a minute, or a glance. */
export interface Effort {
  batches: {
    /** Of 20,000 calls. */
    calls: number
    /** Pairs of batches of HTTP requests. */
    requests: number
    /** Storms of 10,000 callers. */
    storms: number
    /** Expiries that eight processes notice together. */
    expiries: number
    /** Pairs of batches of file operations. */
    files: number
  }
}

export const full: Effort = { batches: { calls: 50, requests: 60, storms: 15, expiries: 30, files: 40 } }
export const quick: Effort = { batches: { calls: 10, requests: 8, storms: 4, expiries: 6, files: 8 } }
