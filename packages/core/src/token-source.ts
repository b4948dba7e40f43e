import type { Credential } from './credential.ts'
import type { SharedToken } from './shared-token.ts'
import type { AccessToken, TokenSource } from './token-set.ts'
import { type Upkeep, upkeep } from './upkeep.ts'
import type { Audience } from './view.ts'

/** A {@link TokenSource} whose token can be replaced ahead of need. */
export interface RenewableTokenSource extends TokenSource {
  /**
   * A token newer than this call, for after a change of configuration (client secret, scopes, keys): make before break. Everybody else
   * is served the present one meanwhile. Renewals at the same time share one request, and what another process has stored since the
   * call is as good. If it comes to nothing this caller alone is told, and the present token goes on serving.
   *
   * @param options.signal Ends this caller's wait only.
   * @throws TokenError
   */
  renew(options?: { signal?: AbortSignal | undefined }): Promise<AccessToken>
}

/** What the sources of all audiences of a credential have in common. */
export interface SourceOf extends Pick<Upkeep, 'timing' | 'ended'> {
  /** The credential, where it is in memory. */
  find(): Credential | undefined
  /** Uses it once it is. Nothing comes between finding it and using it. May throw; then the calls reject. */
  use<T>(work: (credential: Credential) => Promise<T>, signal?: AbortSignal | undefined): Promise<T>
  /** With its getters: whether tokens are bound to a key may not be known yet. */
  readonly common: Pick<TokenSource, 'prove'>
}

export function tokenSource(of: SourceOf, audience?: Audience): RenewableTokenSource {
  function use<T>(work: (token: SharedToken) => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      return of.use((credential) => work(credential.token(audience)), signal)
    } catch (thrown) {
      // Whatever goes wrong is told the one way that callers listen for.
      return Promise.reject(thrown)
    }
  }

  function getAccessToken(options?: Parameters<TokenSource['getAccessToken']>[0]): Promise<AccessToken> {
    // Without making a function or a promise, nor room for one: this is what every request of an application pays.
    const found = of.find()
    return found === undefined ? obtain(options) : found.token(audience).getAccessToken(options)
  }

  function obtain(options: Parameters<TokenSource['getAccessToken']>[0]): Promise<AccessToken> {
    return use((token) => token.getAccessToken(options), options?.signal)
  }

  const source: RenewableTokenSource = {
    getAccessToken,
    renew: (options) => use((token) => token.renew(options), options?.signal),
  }
  Object.defineProperties(source, Object.getOwnPropertyDescriptors(of.common))
  const value: Upkeep = {
    use,
    ready: (tokens) =>
      tokens.getAccessToken === getAccessToken ? of.find()?.token(audience).ready()?.access : undefined,
    forAudience: (audience) => tokenSource(of, audience),
    timing: of.timing,
    ended: of.ended,
  }
  return Object.defineProperty(source, upkeep, { value })
}
