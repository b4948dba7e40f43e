/** Why a profile says what it says, and what its users should know. Nothing of it decides anything. */
export interface ProviderEvidence {
  /** When the sources said so: `YYYY-MM-DD`, or `YYYY-MM` where only the month is known. */
  readonly verifiedOn: string
  /** The weakest of the sources that a field rests on: the vendor's own words and code, or somebody who watched it. */
  readonly confidence: 'vendor' | 'third-party'
  readonly sources: readonly string[]
  /** Refreshes allowed; `per` in milliseconds. */
  readonly rateLimit?: { readonly requests: number; readonly per: number; readonly of: string }
  /** How many client secrets are good at once, and for how long (ms) either may be refused while they change. */
  readonly clientSecrets?: { readonly live: number; readonly propagation?: number }
  /** What else there is to know, in a sentence or three. */
  readonly note?: string
}
