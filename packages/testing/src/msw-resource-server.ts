import { type HttpHandler, http } from 'msw'
import { resource } from './api-request.ts'
import type { Introspect } from './introspection.ts'
import { absolute } from './msw-authorization-server.ts'
import { answerOf, createMswExchange, settle } from './msw-exchange.ts'
import {
  createProtectedResource,
  type ResourceServerPolicy,
  type SimulatedResourceServer,
} from './protected-resource.ts'

/** A resolver of msw, which may leave a request to the echo by giving nothing. */
export type ProtectedResolver<Info extends { request: Request }> = (
  info: Info,
) => Response | undefined | Promise<Response | undefined>

/**
 * An API behind bearer tokens as msw request handlers: 401 with a correct challenge (RFC 6750 section 3), or 200 with an
 * {@link Echo} of the request. `/redirect?to=…&status=…` redirects, `/scope/<name>` answers 403 `insufficient_scope` to a token
 * without that scope.
 */
export interface ResourceServerHandlers extends SimulatedResourceServer {
  /** For `setupServer(...)`, `setupWorker(...)` or `server.use(...)`. They take every path: place handlers of your own before. */
  readonly handlers: HttpHandler[]
  readonly url: string
  /**
   * Your own resolver behind the same token: `http.get('https://api.example.com/me', api.protect(() => HttpResponse.json(me)))`.
   * It is called for good tokens only; its requests are recorded, scripted and held like any other of this API.
   */
  protect<Info extends { request: Request }>(resolver: ProtectedResolver<Info>): (info: Info) => Promise<Response>
}

/**
 * @param url Absolute; every path below it belongs to the API.
 * @param authorizationServer Who knows the tokens.
 * @throws TypeError where the URL is not absolute.
 */
export function resourceServerHandlers(
  url: string,
  authorizationServer: { introspect: Introspect },
  options: Partial<ResourceServerPolicy> = {},
): ResourceServerHandlers {
  const base = url.replace(/\/+$/, '')
  absolute(base)
  const { server, protect } = createProtectedResource(options, (token) => authorizationServer.introspect(token))
  const echo = protect()
  const handler = http.all(`${base}/*`, ({ request }) => answerOf(echo, request))
  return Object.assign(server, {
    url,
    handlers: [handler, http.all(base, ({ request }) => answerOf(echo, request))],
    protect:
      <Info extends { request: Request }>(resolver: ProtectedResolver<Info>) =>
      (info: Info): Promise<Response> => {
        const exchange = createMswExchange(info.request)
        const behind = protect(async (request, token) => {
          const response = await resolver(info)
          return response === undefined ? resource(request, token) : exchange.adopt(response)
        })
        return settle(exchange, behind)
      },
  })
}
