import type { RequestListener } from 'node:http'
import { createAdmin } from './admin.ts'
import { json } from './answer.ts'
import type { Endpoint } from './exchange.ts'
import { createListener, openHost } from './http-host.ts'
import { createMetadata } from './metadata.ts'
import { createSimulator, type SimulatedAuthorizationServer, type SimulatorOptions } from './simulator.ts'

export interface AuthorizationServerOptions extends SimulatorOptions {
  /** Default 0: any free port, on 127.0.0.1. */
  port?: number
}

/** A simulated OAuth 2.0 authorization server over real HTTP. */
export interface AuthorizationServer extends SimulatedAuthorizationServer {
  /** Also the issuer: where `/.well-known/oauth-authorization-server` is found (RFC 8414). */
  readonly url: string
  readonly tokenEndpoint: string
  readonly revocationEndpoint: string
  /** The same endpoints for a server of your own, for example to put them on one origin with an API. */
  readonly listener: RequestListener
  /** Drops every connection and everything held; resolves when nothing is left. */
  close(): Promise<void>
}

export async function startAuthorizationServer(options: AuthorizationServerOptions = {}): Promise<AuthorizationServer> {
  const { port = 0, ...rest } = options
  const lifetime = new AbortController()
  const simulator = createSimulator(rest, lifetime.signal)

  const route: Endpoint = async (exchange) => {
    const { pathname } = new URL(exchange.url, 'http://simulator')
    const endpoint = endpoints[pathname] ?? (pathname.startsWith('/_simulator/') ? admin : undefined)
    if (endpoint !== undefined) await endpoint(exchange)
    else await exchange.send(json(404, { error: 'not_found' }))
  }

  const listener = createListener(route, lifetime.signal)
  const host = await openHost(listener, port, lifetime)
  // Onto that object, not a copy: some of its properties are counted when they are read.
  const server: AuthorizationServer = Object.assign(simulator.server, {
    url: host.origin,
    tokenEndpoint: `${host.origin}/token`,
    revocationEndpoint: `${host.origin}/revoke`,
    listener,
    close() {
      simulator.close()
      return host.close()
    },
  })

  const admin = createAdmin(server)
  const { url: issuer, tokenEndpoint, revocationEndpoint } = server
  const metadata = createMetadata({ issuer, tokenEndpoint, revocationEndpoint })
  const endpoints: Record<string, Endpoint> = {
    '/token': simulator.tokenEndpoint,
    '/revoke': simulator.revocationEndpoint,
    '/.well-known/oauth-authorization-server': metadata,
    '/.well-known/openid-configuration': metadata,
  }
  return server
}
