import type { ClientAuthenticationOptions } from './client-authentication.ts'
import type { AuthorizationServerOptions } from './client-endpoint-options.ts'
import type { Dpop } from './dpop.ts'
import type { ProviderProfile } from './providers/provider-profile.ts'
import type { ProviderName } from './providers/providers.ts'

/** A client registered at one authorization server. */
export type ClientOptions<Provider extends ProviderName | ProviderProfile = ProviderName | ProviderProfile> =
  AuthorizationServerOptions<Provider> &
    ClientAuthenticationOptions & {
      clientId: string
      /** Space-separated (RFC 6749 section 3.3). Default: none sent, the server decides. */
      scope?: string
      /** Further body parameters of the token request, such as `audience` or `resource`. */
      parameters?: Readonly<Record<string, string>>
      /** Binds the tokens to a key (DPoP, RFC 9449): `createDpop()`. The same key for as long as the tokens are kept. */
      dpop?: Dpop
      /** Further headers of the token request. */
      headers?: Readonly<Record<string, string>>
      /**
       * What sends the requests: an mTLS agent, a proxy, a test. It must send each request once; one that tries again by itself may
       * spend a refresh token twice. Default: the global `fetch`.
       */
      fetch?: typeof globalThis.fetch
      /** Allows http to hosts other than this machine. Default false. */
      allowInsecureRequests?: boolean
    }
