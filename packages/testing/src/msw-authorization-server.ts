import { type HttpHandler, http } from 'msw'
import type { Endpoint } from './exchange.ts'
import { createMetadata } from './metadata.ts'
import { answerOf } from './msw-exchange.ts'
import { createSimulator, type SimulatedAuthorizationServer, type SimulatorOptions } from './simulator.ts'

export interface AuthorizationServerHandlersOptions extends SimulatorOptions {
  /** Absolute, or a path below the issuer. Default `/token`. */
  tokenEndpoint?: string
  /** The same. Default `/revoke`. */
  revocationEndpoint?: string
}

/** A simulated OAuth 2.0 authorization server as msw request handlers. */
export interface AuthorizationServerHandlers extends SimulatedAuthorizationServer {
  /** For `setupServer(...)`, `setupWorker(...)` or `server.use(...)`. */
  readonly handlers: HttpHandler[]
  readonly issuer: string
  readonly tokenEndpoint: string
  readonly revocationEndpoint: string
}

/**
 * Every call makes a new server without any grant. Make one per test: `server.use(...auth.handlers)`, and
 * `server.resetHandlers()` afterwards.
 *
 * @param issuer Absolute URL. Its metadata is served too, at both well-known places (RFC 8414 section 3.1, OpenID Connect
 * Discovery section 4).
 * @throws TypeError where a URL or an option is wrong.
 */
export function authorizationServerHandlers(
  issuer: string,
  options: AuthorizationServerHandlersOptions = {},
): AuthorizationServerHandlers {
  const { tokenEndpoint = '/token', revocationEndpoint = '/revoke', ...rest } = options
  const base = issuer.replace(/\/+$/, '')
  const { origin, pathname } = absolute(base)
  const simulator = createSimulator(rest, new AbortController().signal)
  const locations = {
    tokenEndpoint: below(base, tokenEndpoint),
    revocationEndpoint: below(base, revocationEndpoint),
  }
  const metadata = createMetadata({ issuer, ...locations })
  const wellKnown = `${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`
  return Object.assign(simulator.server, {
    issuer,
    ...locations,
    handlers: [
      serve(locations.tokenEndpoint, simulator.tokenEndpoint),
      serve(locations.revocationEndpoint, simulator.revocationEndpoint),
      serve(wellKnown, metadata),
      serve(`${base}/.well-known/openid-configuration`, metadata),
    ],
  })
}

function serve(url: string, endpoint: Endpoint): HttpHandler {
  return http.all(url, ({ request }) => answerOf(endpoint, request))
}

function below(base: string, endpoint: string): string {
  return endpoint.startsWith('/') ? base + endpoint : absolute(endpoint).href
}

export function absolute(url: string): URL {
  if (URL.canParse(url)) return new URL(url)
  throw new TypeError(`"${url}" is not an absolute URL, such as https://login.example.com.`)
}
