import { request as forward, type IncomingMessage } from 'node:http'
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { onTestFinished } from 'vitest'
import { selfSigned } from './self-signed.ts'

/** What every TLS server of one test file shows. */
export const certificate = selfSigned(['api.example', 'other.example', 'accounts.example'])

/** A second way to a server that speaks plain http only. */
export interface Front {
  readonly url: string
  /** Connections or sessions that have carried a request so far. */
  connections(): number
}

/** The bytes of each connection, without their TLS, to a connection of its own. */
export async function openTlsFront(target: string): Promise<Front> {
  const { hostname, port } = new URL(target)
  const connections = new Set<unknown>()
  const server = createTlsServer({ ...certificate, ALPNProtocols: ['http/1.1'] }, (socket) => {
    const upstream = connect(Number(port), hostname)
    socket.once('data', () => connections.add(socket))
    socket.pipe(upstream).pipe(socket)
    join(socket, upstream)
  })
  return open(server, connections)
}

function join(client: Socket, upstream: Socket): void {
  client.on('error', () => upstream.destroy())
  client.on('close', () => upstream.destroy())
  upstream.on('error', () => client.destroy())
  upstream.on('close', () => client.destroySoon())
}

/** HTTP/2 only, each request to the target as one of HTTP/1.1. */
export async function openHttp2Front(target: string): Promise<Front> {
  const sessions = new Set<unknown>()
  const server = createSecureServer(certificate, (request, response) => {
    sessions.add(request.stream.session)
    relay(target, request, response)
  })
  return open(server, sessions)
}

// Connections are HTTP/1.1's own affair (RFC 9113 section 8.2.2), and pseudo-headers HTTP/2's.
const hopByHop = /^(:.*|connection|keep-alive|transfer-encoding|upgrade)$/

function relay(target: string, request: Http2ServerRequest, response: Http2ServerResponse): void {
  const headers = endToEnd({ ...request.headers, host: request.authority })
  const upstream = forward(target + request.url, { method: request.method, headers }, (answer: IncomingMessage) => {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers))
    answer.pipe(response)
  })
  upstream.on('error', () => response.stream.destroy())
  response.on('close', () => upstream.destroy())
  request.pipe(upstream)
}

function endToEnd<Headers extends object>(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.test(name))) as Headers
}

async function open(server: Server, connections: Set<unknown>): Promise<Front> {
  const sockets = new Set<Socket>()
  server.on('secureConnection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections.size,
  }
}
