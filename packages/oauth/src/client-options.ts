import type { ClientAuthenticationOptions } from './client-authentication.ts'

/** Which authorization server: found by its issuer, or named by its token endpoint. */
export type AuthorizationServerOptions =
  | {
      /** The issuer identifier, exactly as the server writes it. Its metadata is fetched at the first request and kept. */
      issuer: string | URL
      /** Where the metadata is: OpenID Connect Discovery (default) or RFC 8414. */
      algorithm?: 'oidc' | 'oauth2'
      tokenEndpoint?: never
    }
  | {
      /** The token endpoint itself: no discovery. */
      tokenEndpoint: string | URL
      issuer?: never
      algorithm?: never
    }

/** A client registered at one authorization server. */
export type ClientOptions = AuthorizationServerOptions &
  ClientAuthenticationOptions & {
    clientId: string
    /** Space-separated (RFC 6749 section 3.3). Default: none sent, the server decides. */
    scope?: string
    /** Further body parameters of the token request, such as `audience` or `resource`. */
    parameters?: Readonly<Record<string, string>>
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
