import { isTokenError, TokenError } from './errors.ts'
import { redactError } from './redact.ts'
import { wait } from './single-flight.ts'
import type { AccessToken, TokenSource } from './token-set.ts'

/**
 * Asks the source, racing the caller's signal whether or not the source minds it. Whatever the source throws, the caller gets its
 * own abort reason or a TokenError: a raw TypeError would look like a network failure, and clients retry those.
 */
export async function askForToken(
  tokens: TokenSource,
  rejected: string | undefined,
  signal: AbortSignal | null | undefined,
): Promise<AccessToken> {
  if (signal?.aborted) throw signal.reason
  const leave = signal ?? undefined
  try {
    const token = await unlessReady(Promise.resolve(tokens.getAccessToken({ rejected, signal: leave })), leave)
    if (typeof token?.accessToken !== 'string') throw unusable()
    return token
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (isTokenError(error)) throw error
    throw new TokenError(
      'temporarily_unavailable',
      'The token source failed with an error of its own (see cause). Let its getAccessToken() reject with a TokenError that says what to do.',
      { cause: redactError(error, [rejected]) },
    )
  }
}

/** A token that is there already is not worth a listener: those cost more than everything else here. */
async function unlessReady<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  let ready = false
  const settled = () => {
    ready = true
  }
  work.then(settled, settled)
  await undefined
  return ready ? work : wait(work, signal)
}

/** RFC 6750 section 2.1, leniently: any visible ASCII, since real tokens hold `|` and `!`; nothing that could end the header. */
export function bearerHeader(accessToken: string, tokenType: string): string {
  // A source written in JavaScript may leave the type out; absent means Bearer here too.
  const type = String(tokenType ?? 'Bearer')
  if (type.toLowerCase() !== 'bearer')
    throw new TokenError(
      'invalid_option',
      `The access token is of type ${/^[\w.-]{1,32}$/.test(type) ? type : 'unknown'}, and only Bearer tokens can be sent (RFC 6750). ` +
        'Have the authorization server issue Bearer tokens to this client: no DPoP, no MAC.',
    )
  if (!/^[\x21-\x7e]+$/.test(accessToken)) throw unusable()
  return `Bearer ${accessToken}`
}

function unusable(): TokenError {
  return new TokenError(
    'invalid_option',
    'The access token is missing, empty, or holds characters that no header can carry. Look at what the token source returns.',
  )
}
