import type { Answer } from './answer.ts'

/** By lower-case name; several lines of one name are joined with a comma. */
export interface RequestHeaders {
  readonly authorization?: string | undefined
  readonly [name: string]: string | undefined
}

/** One HTTP request and its answer, whatever carries them: a socket, or msw. */
export interface Exchange {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: RequestHeaders
  /** The TCP connection, where there is one. */
  readonly connection: object | undefined
  /** Rejects if the client goes away first. */
  readBody(): Promise<Uint8Array>
  /** Tells when the client goes away while its answer is under way; `settled` ends the watch. */
  watchClient(left: () => void): { settled(): void }
  /** Sends it; resolves with whether it left completely. */
  send(answer: Answer): Promise<'answered' | 'lost'>
}

/** Answers one request, to its end even if the client goes away. */
export type Endpoint = (exchange: Exchange) => Promise<void>

export function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body)
}

/** Real time: simulated latency lies between processes, where no test holds the clock. */
export function pause(ms: number, lifetime: AbortSignal): Promise<void> {
  if (!(ms > 0)) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(lifetime.reason)
    }
    const timer = setTimeout(() => {
      lifetime.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (lifetime.aborted) stop()
    else lifetime.addEventListener('abort', stop, { once: true })
  })
}

/**
 * Browsers may call from anywhere. `preflight`: the request asks for permission only (Fetch Standard, CORS-preflight request), and
 * these headers are its answer.
 */
export function crossOrigin(
  method: string,
  headers: RequestHeaders,
): { preflight: boolean; headers: Record<string, string> } {
  const origin = headers['origin']
  if (origin === undefined) return { preflight: false, headers: {} }
  const allowed = {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'WWW-Authenticate, Retry-After',
    vary: 'Origin',
  }
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined)
    return { preflight: false, headers: allowed }
  return {
    preflight: true,
    headers: {
      ...allowed,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
    },
  }
}
