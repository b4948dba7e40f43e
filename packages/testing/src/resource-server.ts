import type { RequestListener } from 'node:http'
import { createListener, openHost } from './http-host.ts'
import { type Introspect, introspectAt } from './introspection.ts'
import {
  createProtectedResource,
  type ResourceServerPolicy,
  type SimulatedResourceServer,
} from './protected-resource.ts'
import type { Introspection } from './token-registry.ts'

export interface ResourceServerOptions extends Partial<ResourceServerPolicy> {
  /** Who knows the tokens: a server of this package or, from another process, its URL. */
  authorizationServer?: string | { introspect(accessToken: string): Introspection; readonly listener?: RequestListener }
  /** In place of an authorization server. */
  introspect?: Introspect
  /** Serves the endpoints of `authorizationServer` from this origin too. */
  sameOrigin?: boolean
  /** Default 0: any free port, on 127.0.0.1. */
  port?: number
}

/**
 * An API behind bearer tokens. Every path answers 200 with an {@link Echo} of the request, except `/redirect?to=…&status=…`
 * (default 302) and `/scope/<name>`, which answers 403 `insufficient_scope` to a token without that scope.
 */
export interface ResourceServer extends SimulatedResourceServer {
  readonly url: string
  /** Drops every connection and everything held; resolves when nothing is left. */
  close(): Promise<void>
}

export async function startResourceServer(options: ResourceServerOptions = {}): Promise<ResourceServer> {
  const { authorizationServer, sameOrigin = false, port = 0, introspect: _, ...policy } = options
  const introspect = introspection(options)
  if (introspect === undefined && (policy.protection ?? 'token') === 'token')
    throw new TypeError(
      'startResourceServer() needs authorizationServer or introspect, unless protection is not "token".',
    )
  const shared = sameOrigin && typeof authorizationServer === 'object' ? authorizationServer.listener : undefined
  if (sameOrigin && shared === undefined)
    throw new TypeError('sameOrigin needs authorizationServer to be what startAuthorizationServer() returned.')

  const lifetime = new AbortController()
  const protectedResource = createProtectedResource(policy, introspect)
  const own = createListener(protectedResource.protect(), lifetime.signal)
  const listener: RequestListener = (request, response) => {
    if (shared !== undefined && /^\/(token|revoke|\.well-known|_simulator)\b/.test(request.url ?? ''))
      shared(request, response)
    else own(request, response)
  }
  const host = await openHost(listener, port, lifetime)

  return Object.assign(protectedResource.server, {
    url: host.origin,
    close() {
      protectedResource.close()
      return host.close()
    },
  })
}

function introspection({ authorizationServer, introspect }: ResourceServerOptions): Introspect | undefined {
  if (introspect !== undefined || authorizationServer === undefined) return introspect
  if (typeof authorizationServer === 'string') return introspectAt(authorizationServer)
  return (token) => authorizationServer.introspect(token)
}
