import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { type Answer, json, send } from './answer.ts'
import { type ApiRequest, createApiRequests, resource } from './api-request.ts'
import { reasonOf, unauthorized } from './challenge.ts'
import { createGate, type Held, type HoldOptions, type HoldPoint } from './gate.ts'
import { createListener, openHost, type RequestHandler, readBody, watchClient } from './http-host.ts'
import { type Introspect, introspectAt, nobodyKnown } from './introspection.ts'
import { createJournal } from './journal.ts'
import type { Introspection } from './token-registry.ts'

/** May change while the server runs. */
export interface ResourceServerPolicy {
  /** `token`: live tokens only. `none`: everybody. `refuse_all`: every answer is a 401, also for good tokens. Default `token`. */
  protection: 'token' | 'none' | 'refuse_all'
  /** Bytes of a 401's body. Default: a small JSON object. */
  refusalBytes?: number | undefined
  /** A 401's WWW-Authenticate in place of the correct one; `none` for no such header. */
  challenge?: string | undefined
  /** A 401 does not wait for the request's body. Default false. */
  refuseEarly: boolean
}

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

/** In place of the normal answer of one request; a bare number is a status (401 with its challenge); `pass` changes nothing. */
export type ScriptedAnswer =
  | 'pass'
  | 'reset'
  | number
  | { status: number; headers?: Record<string, string>; body?: string }

/**
 * An API behind bearer tokens. Every path answers 200 with an {@link Echo} of the request, except `/redirect?to=…&status=…`
 * (default 302) and `/scope/<name>`, which answers 403 `insufficient_scope` to a token without that scope.
 */
export interface ResourceServer {
  readonly url: string
  configure(policy: Partial<ResourceServerPolicy>): void
  /** Answers of the next requests, one each, in order of arrival. */
  script(answers: readonly ScriptedAnswer[]): void
  /** Stops one request `before` its token is judged, or `after`, with only the answer missing. */
  hold(point: HoldPoint, options?: HoldOptions<ApiRequest>): Held<ApiRequest>
  readonly requests: readonly ApiRequest[]
  /** Calls back on arrival of a request and whenever its record grows; returns the unsubscriber. */
  onRequest(listener: (request: ApiRequest) => void): () => void
  /** The first request for which this holds, now or later; rejects if the server closes before. */
  waitFor(predicate: (request: ApiRequest) => boolean): Promise<ApiRequest>
  /** Drops every connection and everything held; resolves when nothing is left. */
  close(): Promise<void>
}

export async function startResourceServer(options: ResourceServerOptions = {}): Promise<ResourceServer> {
  const { authorizationServer, sameOrigin = false, port = 0, introspect: _, ...overrides } = options
  const policy: ResourceServerPolicy = { protection: 'token', refuseEarly: false, ...overrides }
  const introspect = introspection(options)
  if (introspect === undefined && policy.protection === 'token')
    throw new TypeError(
      'startResourceServer() needs authorizationServer or introspect, unless protection is not "token".',
    )
  const shared = sameOrigin && typeof authorizationServer === 'object' ? authorizationServer.listener : undefined
  if (sameOrigin && shared === undefined)
    throw new TypeError('sameOrigin needs authorizationServer to be what startAuthorizationServer() returned.')

  const lifetime = new AbortController()
  const journal = createJournal<ApiRequest>()
  const gate = createGate<ApiRequest>()
  const script: ScriptedAnswer[] = []
  const record = createApiRequests()

  /** An answer, or who may have the resource. */
  async function decide({ token }: ApiRequest, scripted: ScriptedAnswer): Promise<Introspection | Answer> {
    if (scripted === 'reset') return { status: 0, delivery: 'reset' }
    if (scripted === 401) return unauthorized(policy, token, 'Refused by the script')
    if (typeof scripted === 'number') return json(scripted, { status: scripted })
    if (scripted !== 'pass') return scripted
    if (policy.protection === 'none') return { active: false, reason: 'unknown' }
    if (policy.protection === 'refuse_all') return unauthorized(policy, token, 'Every token is refused')
    if (token === undefined) return unauthorized(policy, token, '')
    const verdict = await (introspect ?? nobodyKnown)(token)
    return verdict.active ? verdict : unauthorized(policy, token, reasonOf(verdict))
  }

  async function receiveBody(api: ApiRequest, request: IncomingMessage): Promise<void> {
    const body = await readBody(request)
    api.bodyLength = body.length
    api.bodySha256 = createHash('sha256').update(body).digest('hex')
    journal.changed(api)
  }

  const handler: RequestHandler = async (request, response) => {
    const api = record(request)
    const scripted = script.shift() ?? 'pass'
    const client = watchClient(response, () => {
      api.abandoned = true
      journal.changed(api)
    })
    journal.add(api)
    if (!policy.refuseEarly) await receiveBody(api, request)
    await gate.pass('before', api)
    let answer = await decide(api, scripted)
    if ('active' in answer) {
      if (api.bodyLength === undefined) await receiveBody(api, request)
      answer = resource(api, answer)
    }
    api.phase = 'decided'
    if (answer.delivery !== 'reset') api.status = answer.status
    journal.changed(api)
    await gate.pass('after', api)
    client.settled()
    api.phase = await send(request, response, answer)
    journal.changed(api)
  }

  const own = createListener(handler, lifetime.signal)
  const listener: RequestListener = (request, response) => {
    if (shared !== undefined && /^\/(token|revoke|\.well-known|_simulator)\b/.test(request.url ?? ''))
      shared(request, response)
    else own(request, response)
  }
  const host = await openHost(listener, port, lifetime)

  return {
    url: host.origin,
    configure: (changes) => void Object.assign(policy, changes),
    script: (answers) => void script.push(...answers),
    hold: (point, holdOptions) => gate.hold(point, holdOptions),
    requests: journal.records,
    onRequest: (onChange) => journal.listen(onChange),
    waitFor: (predicate) => journal.waitFor(predicate),
    close() {
      gate.close()
      journal.close()
      return host.close()
    },
  }
}

function introspection({ authorizationServer, introspect }: ResourceServerOptions): Introspect | undefined {
  if (introspect !== undefined || authorizationServer === undefined) return introspect
  if (typeof authorizationServer === 'string') return introspectAt(authorizationServer)
  return (token) => authorizationServer.introspect(token)
}
