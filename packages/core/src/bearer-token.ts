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
      'The token source failed with an error of its own (see cause). Let its getAccessToken() reject with a TokenError that says what to do.',
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

/** How a token is sent. */
export interface Credentials {
  readonly scheme: 'bearer' | 'dpop'
  readonly headers: { readonly authorization: string }
}

/**
 * RFC 6750 section 2.1, leniently: any visible ASCII, since real tokens hold `|` and `!`; nothing that could end the header.
 *
 * @param bound The source proves the possession of a key: its tokens are to be bound to it, and no other is sent.
 */
export function credentialsOf({ accessToken, tokenType }: AccessToken, bound: boolean): Credentials {
  // A source written in JavaScript may leave the type out; absent means Bearer here too.
  const type = String(tokenType ?? 'Bearer')
  const scheme = type.toLowerCase()
  if (scheme !== 'bearer' && scheme !== 'dpop')
    throw new TokenError(
      'invalid_option',
      `The access token is of type ${/^[\w.-]{1,32}$/.test(type) ? type : 'unknown'}, and only Bearer (RFC 6750) and DPoP (RFC 9449) ` +
        'tokens can be sent. Have the authorization server issue one of these to this client.',
    )
  if (bound && scheme === 'bearer')
    throw new TokenError(
      'invalid_option',
      'The access token is of type Bearer although DPoP was asked for, and it is not sent unprotected (RFC 9449 section 5). Have the ' +
        'authorization server bind the tokens of this client (dpop_bound_access_tokens) and sign in again with a DPoP proof, or ' +
        'leave the option dpop out.',
    )
  if (!bound && scheme === 'dpop')
    throw new TokenError(
      'invalid_option',
      'The access token is of type DPoP, and its source has no key to prove possession with (RFC 9449 section 7). Give the grant the ' +
        'key that the token was issued to: refreshTokenGrant({ dpop: createDpop({ key }) }).',
    )
  if (!/^[\x21-\x7e]+$/.test(accessToken)) throw unusable()
  return { scheme, headers: { authorization: `${scheme === 'dpop' ? 'DPoP' : 'Bearer'} ${accessToken}` } }
}

function unusable(): TokenError {
  return new TokenError(
    'invalid_option',
    'The access token is missing, empty, or holds characters that no header can carry. Look at what the token source returns.',
  )
}
