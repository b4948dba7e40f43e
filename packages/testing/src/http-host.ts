import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** A listening server: every request handled to its end even if the client goes away, and nothing left after `close`. */
export interface HttpHost {
  readonly origin: string
  close(): Promise<void>
}

/** The client went away before its request was complete: nothing was received, so nothing happens. */
class IncompleteRequest extends Error {}

/** Turns an asynchronous handler into a listener that answers browsers' preflights and reports its own bugs as 500. */
export function createListener(handler: RequestHandler, lifetime: AbortSignal): RequestListener {
  return (request, response) => {
    if (allowCrossOrigin(request, response)) return
    response.on('error', () => {})
    handler(request, response).catch((error: unknown) => {
      if (lifetime.aborted || error instanceof IncompleteRequest) return void request.socket.destroy()
      if (response.headersSent) return void request.socket.destroy()
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`simulator: ${String(error)}`)
    })
  }
}

export async function openHost(listener: RequestListener, port: number, lifetime: AbortController): Promise<HttpHost> {
  const server = createServer(listener)
  // No idle timeout: a pooled connection that dies between two requests would fail a test by chance.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1', backlog: 4096 }, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.')
  let closed: Promise<void> | undefined
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close() {
      closed ??= new Promise((resolve) => {
        lifetime.abort()
        server.close(() => resolve())
        server.closeAllConnections()
      })
      return closed
    },
  }
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
  } catch (error) {
    throw new IncompleteRequest('The client went away.', { cause: error })
  }
  return Buffer.concat(chunks)
}

/** Tells when the client goes away while its answer is under way; `settled` ends the watch. */
export function watchClient(response: ServerResponse, left: () => void): { settled(): void } {
  response.once('close', left)
  return { settled: () => void response.off('close', left) }
}

/** Real time: simulated latency lies between processes, where no test holds the clock. */
export async function pause(ms: number, lifetime: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal: lifetime })
}

/** Browsers may call from anywhere. True if the request was a preflight and is answered. */
function allowCrossOrigin(request: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = request.headers
  if (origin === undefined) return false
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-expose-headers', 'WWW-Authenticate, Retry-After')
  response.setHeader('vary', 'Origin')
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false
  response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE')
  response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*')
  response.writeHead(204).end()
  return true
}
