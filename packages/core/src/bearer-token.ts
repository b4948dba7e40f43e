import type { AttemptHeaders } from './bearer-request.ts'
import { invalidOption, isTokenError, TokenError } from './errors.ts'
import { redactError } from './redact.ts'
import { wait } from './single-flight.ts'
import type { AccessToken, TokenSource } from './token-set.ts'
import { upkeepOf } from './upkeep.ts'

/** A token that is in memory already, of a source that can tell at once. */
export function readyToken(tokens: TokenSource): AccessToken | undefined {
  return upkeepOf(tokens)?.ready(tokens)
}

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
  try {
    const work = tokens.getAccessToken({ rejected, signal: signal ?? undefined })
    const token = await (signal ? unlessReady(Promise.resolve(work), signal) : work)
    if (typeof token?.accessToken !== 'string') throw unusable()
    return token
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (isTokenError(error)) throw error
    throw new TokenError(
      'temporarily_unavailable',
      'The token source failed (see cause). Let its getAccessToken() reject with a TokenError that says what to do.',
      { cause: redactError(error, [rejected]) },
    )
  }
}

/** A token that is there already is not worth a listener: those cost more than everything else here. */
async function unlessReady<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let ready = false
  const settled = () => {
    ready = true
  }
  work.then(settled, settled)
  await undefined
  return ready ? work : wait(work, signal)
}

/** @throws TokenError where the token is none that can be sent in this way */
export function bearerHeaders(token: AccessToken): AttemptHeaders {
  if (schemeOf(token) === 'dpop')
    throw invalidOption(
      'The access token is of type DPoP, and its source has no key (RFC 9449 section 7). Give the grant the one that it was issued to: ' +
        'dpop: createDpop({ key }).',
    )
  return { authorization: `Bearer ${sendable(token)}` }
}

/** @throws TokenError for a type that nobody here can send */
export function schemeOf({ tokenType }: AccessToken): 'bearer' | 'dpop' {
  // A source written in JavaScript may leave the type out; absent means Bearer here too.
  const type = String(tokenType ?? 'Bearer')
  const scheme = type.toLowerCase()
  if (scheme === 'bearer' || scheme === 'dpop') return scheme
  throw invalidOption(
    `The access token is of type ${/^[\w.-]{1,32}$/.test(type) ? type : 'unknown'}. Have the authorization server issue Bearer (RFC 6750) ` +
      'or DPoP (RFC 9449) tokens to this client.',
  )
}

/** RFC 6750 section 2.1, leniently: any visible ASCII, since real tokens hold `|` and `!`; nothing that could end the header. */
export function sendable({ accessToken }: AccessToken): string {
  if (!/^[\x21-\x7e]+$/.test(accessToken)) throw unusable()
  return accessToken
}

function unusable(): TokenError {
  return invalidOption(
    'The access token is missing, empty, or holds characters that no header can carry. See what the token source returns.',
  )
}
