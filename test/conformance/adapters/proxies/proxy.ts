import { createServer, request as forward, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** One request that a proxy was asked to pass on. */
export interface ProxiedRequest {
  /** `CONNECT` for a tunnel. */
  readonly method: string
  /** The real target: an origin, or `host:port` for a tunnel. */
  readonly target: string
  readonly headers: IncomingMessage['headers']
}

export interface TestProxy {
  readonly url: string
  readonly seen: readonly ProxiedRequest[]
  /** From now on it answers 407 to everybody. */
  demandCredentials(): void
}

/**
 * A proxy as companies have them: it forwards requests in the absolute form (RFC 9112 section 3.2.2), and opens tunnels for CONNECT
 * (RFC 9110 section 9.3.6).
 *
 * @param hosts Where the names that only this proxy can resolve lead: `host:port` to a port of this machine.
 */
export async function openProxy(hosts: ReadonlyMap<string, number>): Promise<TestProxy> {
  const seen: ProxiedRequest[] = []
  let demanding = false
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const { method = 'GET', url = '', headers } = request
    const target = URL.canParse(url) ? new URL(url) : undefined
    const port = hosts.get(`${target?.hostname}:${target?.port || 80}`)
    seen.push({ method, target: target?.origin ?? url, headers })
    if (demanding) return void response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end()
    if (target === undefined || port === undefined) return void response.writeHead(502).end()
    const { 'proxy-connection': _, ...endToEnd } = headers
    const path = target.pathname + target.search
    const upstream = forward({ host: '127.0.0.1', port, path, method, headers: endToEnd }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    upstream.on('error', () => response.destroy())
    request.pipe(upstream)
  })
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const target = request.url ?? ''
    seen.push({ method: 'CONNECT', target, headers: request.headers })
    const port = hosts.get(target)
    if (demanding) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    if (port === undefined) return void socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.write(head)
      socket.pipe(upstream).pipe(socket)
    })
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    demandCredentials() {
      demanding = true
    },
  }
}
