import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { Exchange, RequestHeaders } from './exchange.ts'

/** The client went away before its request was complete: nothing was received, so nothing happens. */
export class IncompleteRequest extends Error {}

export function createNodeExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: requestHeaders(request),
    connection: request.socket,
    async readBody() {
      const chunks: Buffer[] = []
      try {
        for await (const chunk of request) chunks.push(Buffer.from(chunk))
      } catch (error) {
        throw new IncompleteRequest('The client went away.', { cause: error })
      }
      return Buffer.concat(chunks)
    },
    watchClient(left) {
      response.once('close', left)
      return { settled: () => void response.off('close', left) }
    },
    send: (answer) => send(request, response, answer),
  }
}

function requestHeaders({ headers }: IncomingMessage): RequestHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]))
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<'answered' | 'lost'> {
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
