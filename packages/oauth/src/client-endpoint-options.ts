import type { EndpointPlaceholders, ProviderProfile } from './providers/provider-profile.ts'
import type { ProviderName, RequiredPlaceholders } from './providers/providers.ts'

type No<Name extends PropertyKey> = { [N in Name]?: never }

/** A known provider's token endpoint: what its profile leaves open is given by name. */
type NamedEndpoint<Name extends ProviderName> = {
  [N in Name]: { provider: N } & No<'issuer' | 'algorithm' | 'tokenEndpoint'> &
    Required<Pick<EndpointPlaceholders, RequiredPlaceholders[N]>> &
    Omit<EndpointPlaceholders, RequiredPlaceholders[N]>
}[Name]

/** Which authorization server: found by its issuer, named by its token endpoint, or known as a provider. */
export type AuthorizationServerOptions<
  Provider extends ProviderName | ProviderProfile = ProviderName | ProviderProfile,
> =
  | ({
      /** The issuer identifier, exactly as the server writes it. Its metadata is fetched at the first request and kept. */
      issuer: string | URL
      /** Where the metadata is: OpenID Connect Discovery (default) or RFC 8414. */
      algorithm?: 'oidc' | 'oauth2'
      /** Whose habits the server has: a name, or a profile of your own. Default: the careful assumptions for an unknown one. */
      provider?: Provider
    } & No<'tokenEndpoint' | keyof EndpointPlaceholders>)
  | ({
      /** The token endpoint itself: no discovery. */
      tokenEndpoint: string | URL
      /** Whose habits the server has: a name, or a profile of your own. Default: the careful assumptions for an unknown one. */
      provider?: Provider
    } & No<'issuer' | 'algorithm' | keyof EndpointPlaceholders>)
  | NamedEndpoint<Extract<Provider, string>>
  | ({ provider: Extract<Provider, ProviderProfile> } & EndpointPlaceholders &
      No<'issuer' | 'algorithm' | 'tokenEndpoint'>)
