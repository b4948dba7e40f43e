import {
  type AttemptHeaders,
  type Authorizer,
  type BearerRequest,
  type ProvenRequest,
  renewBody,
  TokenError,
} from '@tokenflight/core'
import { type FetchCall, readCall } from './fetch-call.ts'
import { freeConnection } from './free-connection.ts'
import type { BearerRequestInit, Fetch } from './with-bearer.ts'

/** One request of the caller, sent with the token; where that is refused, once more with a newer one. */
export async function send(
  fetch: Fetch,
  authorizer: Authorizer<Response>,
  input: string | URL | Request,
  given: BearerRequestInit | undefined,
): Promise<Response> {
  const call = readCall(input, given)
  const bearer = authorizer.begin(call)
  if (bearer === undefined) return fetch(input, given)
  const { signal, replayable, replayBody, bodySource } = call
  const attempt = { signal, replayable }
  let spare: Request | undefined
  try {
    for (let first = true; ; first = false) {
      const asked = bearer.authorize(attempt)
      // By shape: pages replace the global Promise (zone.js), of which what async functions return is none.
      const granted = asked !== undefined && 'then' in asked ? await asked : asked
      if (granted !== undefined) setHeaders(call, granted)
      const { follow } = bearer

      if (!first && replayBody) await replaceBody(call, replayBody)
      const source = spare ?? call.input
      // The only copy that is made: a Request can be read once, so its body is kept until the answer is known.
      const unread = spare ?? (bodySource?.bodyUsed === false ? bodySource : undefined)
      spare = replayable && !replayBody && (first || follow) ? unread?.clone() : undefined

      let sent: Sent = {}
      try {
        // Nothing more is awaited where nothing is asked: the usual answer goes straight to the caller.
        // A proof is good for one URL, and fetch would take it along on every redirect.
        if (follow) {
          const { url, method } = call
          const init = { ...call.init, headers: new Headers(call.headers) }
          const authorize: ProvenRequest['authorize'] = (hop) => bearer.authorize({ ...hop, ...attempt })
          sent = await follow({ fetch, input: source, init, url, method, authorize })
        } else sent.answer = await fetch(source, call.init)
      } catch (error) {
        if (!hidesUnauthorized(error)) throw error
        sent.failure = error
      }
      const { answer } = sent
      if (answer !== undefined) {
        if (bearer.isAccepted(answer.status)) return answer
        const rejected = isRejection(bearer, answer, sent.redirects)
        if (rejected === false || !(await rejected)) return answer
      }
      if (replayable) {
        const replay = bearer.prepareReplay(signal)
        await Promise.all([replay, answer && freeConnection(answer, replay)])
        if (await replay) continue
      } else bearer.refreshBehind()
      if (answer === undefined) throw sent.failure
      return answer
    }
  } finally {
    spare?.body?.cancel().catch(() => {})
  }
}

interface Sent {
  answer?: Response
  /** Where it hides a 401 that came. */
  failure?: unknown
  /** Where the answer does not know. */
  redirects?: readonly string[]
}

function setHeaders({ headers }: FetchCall, granted: AttemptHeaders): void {
  if (!(headers instanceof Headers)) Object.assign(headers, granted)
  else {
    headers.set('authorization', granted.authorization)
    if (granted.dpop !== undefined) headers.set('dpop', granted.dpop)
  }
}

async function replaceBody(call: FetchCall, replayBody: NonNullable<FetchCall['replayBody']>): Promise<void> {
  const body: object = { duplex: 'half', body: await renewBody(replayBody) }
  const headers = new Headers(call.headers)
  // The new form has a boundary of its own; the old Request's header names the old one.
  if (call.bodySource && headers.get('content-type')?.startsWith('multipart/form-data')) headers.delete('content-type')
  call.headers = headers
  call.init = { ...call.init, ...body, headers }
}

function isRejection(
  bearer: BearerRequest<Response>,
  answer: Response,
  followed: readonly string[] | undefined,
): boolean | Promise<boolean> {
  const { status, headers } = answer
  const redirects = followed ?? (answer.redirected ? [answer.url] : undefined)
  try {
    const verdict = bearer.isRejection({ status, header: (name) => headers.get(name), redirects }, answer)
    return typeof verdict === 'boolean' ? verdict : settle(verdict, answer)
  } catch (error) {
    giveUp(answer)
    throw error
  }
}

/** The verdict of an `isRejected` that takes its time. */
async function settle(verdict: Promise<boolean>, answer: Response): Promise<boolean> {
  let rejected: boolean
  try {
    rejected = await verdict
  } catch (error) {
    giveUp(answer)
    throw error
  }
  if (!answer.bodyUsed) return rejected
  throw new TokenError(
    'invalid_option',
    'isRejected read the body, which the caller still needs: let it read response.clone().',
  )
}

/** Nobody will read this answer. */
function giveUp(answer: Response): void {
  answer.body?.cancel().catch(() => {})
}

/**
 * Node 24.14 and 24.15 turn a 401 for a body without a source (a stream) into a network error with this cause; the request did
 * arrive, and its token was refused.
 */
function hidesUnauthorized(error: unknown): boolean {
  const cause = error instanceof TypeError ? error.cause : undefined
  return cause instanceof Error && cause.message === 'expected non-null body source'
}
