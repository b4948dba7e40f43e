import type { Grant, GrantOutcome } from '@tokenflight/core'

/** The gaps that endpoints have, each an option of the grants. */
export interface EndpointPlaceholders {
  /** A host name of the tenant's own: `acme.okta.com`. */
  domain?: string
  /** The same, for servers that anybody may run: `gitlab.acme.example`. */
  host?: string
  /** Microsoft Entra ID: a tenant id, `common`, `organizations` or `consumers`. */
  tenant?: string
  /** Okta: the id of a custom authorization server; without it, the organization's own. */
  authorizationServer?: string
  /** Genesys Cloud: the region's domain, such as `mypurecloud.com`. */
  region?: string
  /** Shopify: the shop's name, `acme` of `acme.myshopify.com`. */
  shop?: string
  /** Keycloak: the realm's name. */
  realm?: string
  /** ServiceNow: the instance's name, `acme` of `acme.service-now.com`. */
  instance?: string
  /** Supabase: the project's reference. */
  ref?: string
  /** Zoho: the data centre's ending, such as `eu` of `accounts.zoho.eu`. */
  dc?: string
}

/**
 * What is known of one provider's tokens, as data: only what a source says, so that a field left out means "not known", and the
 * careful assumption holds. Everything that a tenant can configure is a default here and an option of the grants.
 */
export interface ProviderProfile {
  /** As its vendor writes it. */
  readonly title: string

  /** With `{placeholders}`; `{/name}` is a path segment that may be left out, as in RFC 6570. */
  readonly tokenEndpoint: string
  /** Where refresh tokens go instead, for the few that have another endpoint for them. */
  readonly refreshEndpoint?: string
  readonly placeholders?: { readonly [Name in keyof EndpointPlaceholders]?: Placeholder }
  readonly request?: RequestShape
  /** How a client with a secret authenticates where the caller does not say. Default `client_secret_basic`. */
  readonly clientAuthentication?: 'client_secret_basic' | 'client_secret_post'
  /** For those whose "client credentials" have a name, or needs, of their own. */
  readonly clientCredentials?: { readonly grantType?: string; readonly parameters?: readonly string[] }

  /** Whether a refresh brings a new refresh token. `configurable`: the tenant decides. */
  readonly rotation?: 'always' | 'sometimes' | 'never' | 'configurable'
  /**
   * What becomes of the refresh token that was presented: it stays valid; it is revoked; it is answered once more for `grace`; or it
   * is answered again until the one that replaced it has been used. Default, and where the tenant decides: revoked.
   */
  readonly spentToken?: 'valid' | 'revoked' | 'grace' | 'until-successor-used'
  /** Milliseconds. The vendor's default where the tenant decides. */
  readonly grace?: number
  /** A refresh ends the old access token too, under whoever is using it: nothing is refreshed ahead of need. */
  readonly endsAccessToken?: boolean

  readonly response?: ResponseShape
  /** Meanings of error answers; the first that matches, before the words that all providers share. */
  readonly errors?: readonly ErrorRow[]
  /** How the provider's APIs refuse an access token in other ways than 401. */
  readonly rejections?: readonly RejectionRow[]

  /** What managers do with this grant unless they are told otherwise; see RefreshPolicy. */
  readonly policy?: NonNullable<Grant['policy']>
}

export interface Placeholder {
  /** Shown in errors and in the documentation. */
  readonly example: string
  readonly default?: string
  /** All that there are, where the list is known: nothing else is put into a host name. */
  readonly values?: readonly string[]
}

export interface RequestShape {
  /** Default `form` (RFC 6749 section 6). */
  readonly format?: 'form' | 'json' | 'query'
  readonly headers?: Readonly<Record<string, string>>
  readonly parameters?: Readonly<Record<string, string>>
  /** The client id goes into this header, and nowhere else. */
  readonly clientIdHeader?: string
  /** Whether a refresh says `grant_type`. Default true. */
  readonly grantType?: boolean
}

export interface ResponseShape {
  /** The member that the tokens are in, where they are not at the top. */
  readonly member?: string
  /** The end of the access token: an ISO 8601 time, or epoch seconds. */
  readonly expiresAt?: string
  /** Seconds that the refresh token lives. */
  readonly refreshExpiresIn?: string
  /** The scopes come as a JSON array. */
  readonly scopeArray?: boolean
}

/** One kind of error answer; all that is given must match. */
export interface ErrorRow {
  readonly status?: number
  /** The answer's error code, wherever it stands; numbers as text. */
  readonly code?: string
  /** The whole of `message` or `error_description`. */
  readonly message?: string
  readonly means: Exclude<GrantOutcome, 'not_sent'> | 'client_authentication_failed'
}

/** One way to refuse an access token. Only bodies of this status are looked at. */
export interface RejectionRow {
  readonly status: number
  /** Error codes of a JSON body. */
  readonly codes?: readonly string[]
  /** A piece of a body that is not JSON. */
  readonly text?: string
}
