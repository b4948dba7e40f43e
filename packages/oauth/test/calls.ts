import { type Grant, GrantError, type TokenResponseParameters, type TokenSet } from '@tokenflight/core'

/** Calls the grant with a stored refresh token. */
export function refresh(
  grant: Grant,
  refreshToken = 'R0',
  signal = new AbortController().signal,
): Promise<TokenResponseParameters> {
  return grant({ previous: stored(refreshToken), signal })
}

export function stored(refreshToken: string): TokenSet {
  return { accessToken: 'A0', tokenType: 'Bearer', refreshToken, obtainedAt: 0 }
}

/** The GrantError that a call ends with. */
export async function failureOf(call: Promise<unknown>): Promise<GrantError> {
  try {
    await call
  } catch (thrown) {
    if (thrown instanceof GrantError) return thrown
    throw thrown
  }
  throw new Error('the call brought tokens')
}

export interface Deferred<T> {
  promise: Promise<T>
  resolve: (value: T) => void
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
