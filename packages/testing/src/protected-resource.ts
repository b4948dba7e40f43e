import { type Answer, json } from './answer.ts'
import { type ApiRequest, createApiRequests, resource } from './api-request.ts'
import { reasonOf, unauthorized } from './challenge.ts'
import type { Endpoint, Exchange } from './exchange.ts'
import { createGate, type Held, type HoldOptions, type HoldPoint } from './gate.ts'
import { type Introspect, nobodyKnown } from './introspection.ts'
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

/** In place of the normal answer of one request; a bare number is a status (401 with its challenge); `pass` changes nothing. */
export type ScriptedAnswer =
  | 'pass'
  | 'reset'
  | number
  | { status: number; headers?: Record<string, string>; body?: string }

/** What a test does with a simulated resource server, and learns from it, whatever carries its HTTP. */
export interface SimulatedResourceServer {
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
}

/** What lies behind the token. */
type Resource = (request: ApiRequest, token: Introspection) => Answer | Promise<Answer>

/** The server without its HTTP. */
export interface ProtectedResource {
  readonly server: SimulatedResourceServer
  /** Lets requests with a good token through to the resource; default {@link resource}. */
  protect(resource?: Resource): Endpoint
  /** Drops everything held or awaited. */
  close(): void
}

export function createProtectedResource(
  overrides: Partial<ResourceServerPolicy>,
  introspect: Introspect = nobodyKnown,
): ProtectedResource {
  const policy: ResourceServerPolicy = { protection: 'token', refuseEarly: false, ...overrides }
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
    const verdict = await introspect(token)
    return verdict.active ? verdict : unauthorized(policy, token, reasonOf(verdict))
  }

  async function receiveBody(api: ApiRequest, exchange: Exchange): Promise<void> {
    const body = await exchange.readBody()
    api.bodyLength = body.length
    api.bodySha256 = await sha256(body)
    journal.changed(api)
  }

  return {
    server: {
      configure: (changes) => void Object.assign(policy, changes),
      script: (answers) => void script.push(...answers),
      hold: (point, options) => gate.hold(point, options),
      requests: journal.records,
      onRequest: (listener) => journal.listen(listener),
      waitFor: (predicate) => journal.waitFor(predicate),
    },
    protect:
      (behind = resource) =>
      async (exchange) => {
        const api = record(exchange)
        const scripted = script.shift() ?? 'pass'
        const client = exchange.watchClient(() => {
          api.abandoned = true
          journal.changed(api)
        })
        journal.add(api)
        if (!policy.refuseEarly) await receiveBody(api, exchange)
        await gate.pass('before', api)
        let answer = await decide(api, scripted)
        if ('active' in answer) {
          if (api.bodyLength === undefined) await receiveBody(api, exchange)
          answer = await behind(api, answer)
        }
        api.phase = 'decided'
        if (answer.delivery !== 'reset') api.status = answer.status
        journal.changed(api)
        await gate.pass('after', api)
        client.settled()
        api.phase = await exchange.send(answer)
        journal.changed(api)
      },
    close() {
      gate.close()
      journal.close()
    },
  }
}

/** In hex. */
async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
