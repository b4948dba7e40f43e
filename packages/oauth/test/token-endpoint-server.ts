import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSocketServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface TokenRequest {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: URLSearchParams
}

export interface TestServer {
  url: string
  requests: TokenRequest[]
  /** Resolves when the next request has been read. */
  nextRequest(): Promise<TokenRequest>
}

/** A server on 127.0.0.1 that answers every request by `answer`, and notes it first. Closed when the test ends. */
export async function serve(answer: (response: ServerResponse, request: TokenRequest) => unknown): Promise<TestServer> {
  const requests: TokenRequest[] = []
  const waiting: ((request: TokenRequest) => void)[] = []
  const respond = async (incoming: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const chunk of incoming) body += String(chunk)
    const { method = '', url: path = '', headers } = incoming
    const request = { method, path, headers, body: new URLSearchParams(body) }
    requests.push(request)
    waiting.shift()?.(request)
    await answer(response, request)
  }
  const server = createServer((incoming, response) => void respond(incoming, response))
  const url = await listen(server)
  onTestFinished(() => server.closeAllConnections())
  return { url, requests, nextRequest: () => new Promise((resolve) => waiting.push(resolve)) }
}

/** A server that speaks bytes: called once a whole request has come in. */
export async function serveBytes(
  answer: (socket: Socket, request: string) => void,
): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createSocketServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let received = ''
    socket.on('data', (data) => {
      received += data.toString()
      const [head = '', body] = received.split('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
      if (body === undefined || body.length < length) return
      requests.push(received)
      answer(socket, received)
      received = ''
    })
  })
  const url = await listen(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  return { url, requests }
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** A port that nobody listens on. */
export async function closedPort(): Promise<string> {
  const server = createSocketServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${address.port}`
}
