import { createServer, type RequestListener } from 'node:http'
import { crossOrigin, type Endpoint } from './exchange.ts'
import { createNodeExchange, IncompleteRequest } from './node-exchange.ts'

/** A listening server: every request handled to its end even if the client goes away, and nothing left after `close`. */
export interface HttpHost {
  readonly origin: string
  close(): Promise<void>
}

/** Turns an endpoint into a listener that answers browsers' preflights and reports its own bugs as 500. */
export function createListener(endpoint: Endpoint, lifetime: AbortSignal): RequestListener {
  return (request, response) => {
    const exchange = createNodeExchange(request, response)
    const { preflight, headers } = crossOrigin(exchange.method, exchange.headers)
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    if (preflight) return void response.writeHead(204).end()
    response.on('error', () => {})
    endpoint(exchange).catch((error: unknown) => {
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
