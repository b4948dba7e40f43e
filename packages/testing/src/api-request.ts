import { type Answer, json } from './answer.ts'
import { bearerToken, insufficientScope } from './challenge.ts'
import type { Exchange, RequestHeaders } from './exchange.ts'
import { covers } from './redemption.ts'
import type { Introspection } from './token-registry.ts'

/** One request to the API, as the server saw it. It grows while the request is under way. */
export interface ApiRequest {
  /** 1 for the first, in the order of arrival. */
  readonly number: number
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: RequestHeaders
  readonly authorization?: string
  /** The access token in it. */
  readonly token?: string
  /** 1 for the first TCP connection; tells whether a client reused one. 0 under msw, where there are none. */
  readonly connection: number
  /** Bytes and SHA-256 (hex) of the body; absent until it is read. */
  bodyLength?: number
  bodySha256?: string
  /** `decided`: the status is settled, the answer is not sent. `lost`: no complete answer left the server. */
  phase: 'arrived' | 'decided' | 'answered' | 'lost'
  /** The client went away before its answer was sent. */
  abandoned?: true
  status?: number
}

/** The JSON body of a 200: what arrived, so that a replay can be compared byte for byte. */
export interface Echo {
  method: string
  url: string
  headers: RequestHeaders
  body: { length: number; sha256: string }
  /** Whose token it was. */
  subject?: string
}

/** Makes the records; numbers requests and connections. */
export function createApiRequests(): (exchange: Exchange) => ApiRequest {
  const connections = new WeakMap<object, number>()
  let requestCount = 0
  let connectionCount = 0
  const numberOf = (connection: object) => {
    const number = connections.get(connection) ?? ++connectionCount
    connections.set(connection, number)
    return number
  }
  return ({ method, url, headers, connection }) => {
    const token = bearerToken(headers.authorization)
    return {
      number: ++requestCount,
      method,
      url,
      headers,
      ...(headers.authorization === undefined ? {} : { authorization: headers.authorization }),
      ...(token === undefined ? {} : { token }),
      connection: connection === undefined ? 0 : numberOf(connection),
      phase: 'arrived',
    }
  }
}

/** What lies behind the token: the echo, `/redirect` and `/scope/<name>`. */
export function resource(request: ApiRequest, token: Introspection): Answer {
  const { pathname, searchParams } = new URL(request.url, 'http://api')
  if (pathname === '/redirect')
    return { status: Number(searchParams.get('status') ?? 302), headers: { location: searchParams.get('to') ?? '/' } }
  const scope = pathname.startsWith('/scope/') ? decodeURIComponent(pathname.slice('/scope/'.length)) : undefined
  if (scope !== undefined && token.active && !covers(token.scope, scope)) return insufficientScope(scope)
  const { method, url, headers, bodyLength = 0, bodySha256 = '' } = request
  const echo: Echo = { method, url, headers, body: { length: bodyLength, sha256: bodySha256 } }
  if (token.active && token.subject !== undefined) echo.subject = token.subject
  return json(200, echo)
}
