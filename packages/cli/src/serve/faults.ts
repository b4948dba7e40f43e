/** Those that need no details; for the others there is `/_simulator/script`. */
export const faultNames = [
  'none',
  'unavailable',
  'reset',
  'hang',
  'truncated',
  'html',
  'empty',
  'error_with_200',
] as const

type Plain = (typeof faultNames)[number]

/** `spent:`: the refresh token is redeemed first. */
export type FaultName = Plain | `spent:${Plain}`
