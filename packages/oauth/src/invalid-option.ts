import { TokenError } from '@tokenflight/core'

/** @param option The option's name. @param problem What is wrong and what to do, after "clientId ...". Never the value: it may be a secret. */
export function invalidOption(option: string, problem: string): TokenError {
  return new TokenError('invalid_option', `${option} ${problem}.`)
}
