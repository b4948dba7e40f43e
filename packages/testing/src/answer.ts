import type { IncomingMessage, ServerResponse } from 'node:http'

/** What goes back over the wire. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  body?: string | Buffer
  /** `reset`: no answer at all, a TCP reset. `cut`: half of the body, then the connection closes. */
  delivery?: 'reset' | 'cut'
}

/** RFC 6749 section 5.1: an answer that holds tokens must not be stored. */
const tokenHeaders = { 'content-type': 'application/json', 'cache-control': 'no-store' }

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...tokenHeaders, ...headers }, body: JSON.stringify(value) }
}

/** RFC 6749 section 5.2. */
export function oauthError(
  status: number,
  error: string,
  description: string,
  headers: Record<string, string> = {},
): Answer {
  return json(status, { error, error_description: description }, headers)
}

/** Sends it; resolves with whether it left completely. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<'answered' | 'lost'> {
  const { status, headers = {}, body = '', delivery } = answer
  return new Promise((resolve) => {
    if (response.destroyed) return resolve('lost')
    response.once('finish', () => resolve('answered'))
    response.once('close', () => resolve('lost'))
    if (delivery === 'reset') return void request.socket.resetAndDestroy()
    const bytes = Buffer.from(body)
    response.writeHead(status, { ...headers, 'content-length': String(bytes.length) })
    if (delivery === 'cut') response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy())
    else response.end(bytes)
  })
}
