import { isTokenError, type TokenErrorCode } from '@tokenflight/core'

/** What a command ends with. The numbers are those of the README. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** The command line or a configuration file is wrong. */
  usage: 2,
  /** Somebody must sign in. */
  signIn: 3,
  /** EX_TEMPFAIL of sysexits.h: the same command may succeed later. */
  temporary: 75,
} as const

/** Ends a command: the message, which says what to do, goes to stderr. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError'
  readonly exitCode: number

  constructor(exitCode: number, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

export function usageError(message: string): CommandError {
  return new CommandError(exitCodes.usage, message)
}

const codes: Partial<Record<TokenErrorCode, number>> = {
  no_credential: exitCodes.signIn,
  reauthorization_required: exitCodes.signIn,
  account_changed: exitCodes.signIn,
  insufficient_scope: exitCodes.signIn,
  temporarily_unavailable: exitCodes.temporary,
  refresh_outcome_unknown: exitCodes.temporary,
  invalid_option: exitCodes.usage,
}

/**
 * How an error that somebody expected ends a command; undefined for any other, which is a defect and shows its stack.
 *
 * @param file Where the credential is, for people who know nothing of keys and setTokens().
 */
export function failureOf(error: unknown, file?: string): CommandError | undefined {
  if (error instanceof CommandError) return error
  if (!isTokenError(error)) return undefined
  if (error.code === 'no_credential') return noCredential(file)
  // The library speaks to programmers; this says the same to whoever sits at a shell.
  const words = error.message.replace(
    / and hand the token response to setTokens\(\)\.$/,
    ', with the program that writes it.',
  )
  return new CommandError(codes[error.code] ?? exitCodes.failed, words)
}

export function noCredential(file: string | undefined): CommandError {
  const ways = 'Sign in with the program that writes it, or take one over with `tokenflight import`.'
  return new CommandError(exitCodes.signIn, `There is no credential in ${file ?? 'the credential file'}. ${ways}`)
}
