import { HttpResponse } from 'msw'
import type { Answer } from './answer.ts'
import { crossOrigin, type Endpoint, type Exchange } from './exchange.ts'

/** An exchange whose answer is a Response. */
export interface MswExchange extends Exchange {
  readonly answered: Promise<Response>
  /** A Response from elsewhere as an answer: that very object is what `send` then gives. */
  adopt(response: Response): Answer
}

export function createMswExchange(request: Request): MswExchange {
  const { pathname, search } = new URL(request.url)
  const headers = Object.fromEntries(request.headers)
  const allowed = crossOrigin(request.method, headers).headers
  const adopted = new WeakMap<Answer, Response>()
  let answerWith: (response: Response) => void = () => {}
  return {
    answered: new Promise((resolve) => {
      answerWith = resolve
    }),
    adopt(response) {
      const answer = { status: response.status }
      adopted.set(answer, response)
      return answer
    },
    method: request.method,
    url: pathname + search,
    headers,
    connection: undefined,
    // A copy: a resolver behind the token reads the body too.
    readBody: async () => new Uint8Array(await request.clone().arrayBuffer()),
    watchClient(left) {
      if (request.signal.aborted) left()
      else request.signal.addEventListener('abort', left, { once: true })
      return { settled: () => request.signal.removeEventListener('abort', left) }
    },
    async send(answer) {
      answerWith(adopted.get(answer) ?? toResponse(answer, allowed))
      return answer.delivery !== undefined || request.signal.aborted ? 'lost' : 'answered'
    },
  }
}

/** One request through an endpoint. A browser's preflight is answered before. */
export async function answerOf(endpoint: Endpoint, request: Request): Promise<Response> {
  const exchange = createMswExchange(request)
  const { preflight, headers } = crossOrigin(exchange.method, exchange.headers)
  if (preflight) return new HttpResponse(null, { status: 204, headers })
  return await settle(exchange, endpoint)
}

export async function settle(exchange: MswExchange, endpoint: Endpoint): Promise<Response> {
  // An endpoint may go on after its answer is on its way.
  return await Promise.race([exchange.answered, endpoint(exchange).then(() => exchange.answered)])
}

function toResponse({ status, headers, body = '', delivery }: Answer, allowed: Record<string, string>): Response {
  if (delivery === 'reset') return HttpResponse.error()
  const bytes = new TextEncoder().encode(body)
  const init = { status, headers: { ...allowed, ...headers } }
  if (delivery === 'cut') return new HttpResponse(breakingOff(bytes), init)
  return new HttpResponse(bytes.length === 0 ? null : bytes, init)
}

/** Half of it, and then the connection is gone. */
function breakingOff(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sent = false
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new TypeError('The connection was closed.'))
      else controller.enqueue(bytes.subarray(0, bytes.length / 2))
      sent = true
    },
  })
}
