/** The part of oidc-provider that the demo uses; the package ships no types. */
declare module 'oidc-provider' {
  import type { EventEmitter } from 'node:events'
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface Context {
    body?: { access_token?: string; refresh_token?: string; expires_in?: number }
    oidc?: { params?: { refresh_token?: string; grant_type?: string } }
  }

  class Model {
    constructor(properties: Record<string, unknown>)
    save(): Promise<string>
    destroy(): Promise<void>
  }

  class Grant extends Model {
    addOIDCScope(scope: string): void
  }

  interface Models<M> {
    new (properties: Record<string, unknown>): M
    find(id: string | undefined): Promise<M | undefined>
  }

  export class Provider extends EventEmitter {
    constructor(issuer: string, configuration: Record<string, unknown>)
    readonly Client: { find(id: string): Promise<object | undefined> }
    readonly Grant: Models<Grant>
    readonly AccessToken: Models<Model>
    readonly RefreshToken: Models<Model>
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    on(event: 'grant.success' | 'grant.error', listener: (context: Context) => void): this
    on(event: 'access_token.saved', listener: (token: { grantId: string; jti: string }) => void): this
    on(event: 'grant.revoked', listener: (context: Context, grantId: string) => void): this
  }
}
