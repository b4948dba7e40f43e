import type { IncomingMessage, ServerResponse } from 'node:http'
import { loopback } from './loopback.ts'

/** The API that the callers want to reach: 200 for a token that is active, else 401 as RFC 6750 section 3.1 words it. */
export interface ResourceServer {
  readonly origin: string
  close(): Promise<void>
}

/** Milliseconds that a call takes on its way back. */
const latency = 20

export async function openResourceServer(accepts: (accessToken: string) => Promise<boolean>): Promise<ResourceServer> {
  const http = await loopback()
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    const active = token !== undefined && (await accepts(token))
    setTimeout(() => {
      if (active) response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}')
      else response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end()
    }, latency)
  }
  http.answer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  return { origin: http.origin, close: () => http.close() }
}
