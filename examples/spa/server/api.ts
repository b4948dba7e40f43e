import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Counts } from './counts.ts'

/** An API on an origin of its own, behind bearer tokens (RFC 6750). */
export function api(app: string, accepts: (accessToken: string) => Promise<boolean>, counts: Counts): RequestListener {
  const cors = {
    'access-control-allow-origin': app,
    'access-control-allow-headers': 'authorization',
    'access-control-expose-headers': 'www-authenticate',
    'access-control-max-age': '600',
  }

  async function answer({ headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, accessToken = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
    if (await accepts(accessToken)) {
      counts.answered++
      response.writeHead(200, { ...cors, 'content-type': 'application/json' }).end('{"things":[]}')
    } else {
      counts.rejected++
      response.writeHead(401, { ...cors, 'www-authenticate': 'Bearer error="invalid_token"' }).end()
    }
  }

  return (request, response) => {
    if (request.method === 'OPTIONS') response.writeHead(204, cors).end()
    else answer(request, response).catch(() => response.destroy())
  }
}
