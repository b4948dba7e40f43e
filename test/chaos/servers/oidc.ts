import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '@tokenflight/testing'
import { startOidcServer } from '../../processes/oidc-server.ts'
import { fingerprint, type History } from '../history.ts'
import { createRandom } from '../random.ts'
import { describeFault, drawFault, drawLatency, hangsFor } from './faults.ts'
import type { Issuer } from './issuer.ts'

/** Seconds; the least that oidc-provider knows. */
const lifetime = 1

/** oidc-provider as it is: strict. In front of it a reverse proxy that fails as the simulator does, and writes the same things down. */
export async function openOidc(seed: number, history: History): Promise<Issuer> {
  const random = createRandom(seed, 'network')
  const secrets = new Set<string>()
  let calm = false
  let tokenRequests = 0
  const provider = await startOidcServer(1, () => (calm ? 3600 : lifetime))

  /** Has it processed, and gives its answer as it came. */
  async function forward(request: number, body: string): Promise<{ status: number; text: string }> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await fetch(provider.tokenEndpoint, { method: 'POST', body, headers })
    const content = await answer.text()
    const { access_token: access, refresh_token: refresh, error = 'redeemed' } = JSON.parse(content)
    history.write({ type: 'processed', request, outcome: String(error) })
    if (access !== undefined) {
      secrets.add(access).add(refresh)
      history.write({ type: 'issued', access: fingerprint(access) })
    }
    return { status: answer.status, text: content }
  }

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(message)
    const request = ++tokenRequests
    const fault: Fault = calm ? { fault: 'none' } : drawFault(random)
    const refresh = fingerprint(new URLSearchParams(body).get('refresh_token') ?? '')
    history.write({ type: 'presented', request, refresh, ...describeFault(fault) })
    response.on('close', () => {
      const phase = response.writableFinished ? 'answered' : 'lost'
      history.write({ type: 'settled', request, phase, status: response.statusCode })
    })
    if (!calm) await delay(drawLatency(random))
    if (fault.fault === 'hang' && fault.consume !== true) await delay(hangsFor)
    const isProcessed = fault.fault === 'none' || fault.fault === 'hang' || fault.fault === 'truncated' || fault.consume
    const real = isProcessed === true ? await forward(request, body) : undefined
    if (fault.fault === 'hang' && fault.consume === true) await delay(hangsFor)
    if (!calm) await delay(drawLatency(random))
    answer(response, fault, real)
  }

  const front = createServer((message, response) => {
    handle(message, response).catch(() => response.destroy())
  })
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  const address = front.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  return {
    tokenEndpoint: `http://127.0.0.1:${address.port}/token`,
    lifetimeMs: lifetime * 1000,
    get tokenRequests() {
      return tokenRequests
    },
    async signIn() {
      const response = await provider.signIn()
      secrets.add(response.access_token).add(response.refresh_token ?? '')
      return response
    },
    isEnded: () => undefined,
    secrets: () => secrets,
    async calm() {
      calm = true
    },
    async close() {
      front.close()
      front.closeAllConnections()
      await once(front, 'close')
      await provider.close()
    },
  }
}

/** @param real Undefined where the request was not processed. */
function answer(response: ServerResponse, fault: Fault, real: { status: number; text: string } | undefined): void {
  switch (fault.fault) {
    case 'unavailable': {
      const { status = 503, retryAfter, error } = fault
      const headers = { ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }) }
      response.writeHead(status, {
        'content-type': error === undefined ? 'text/plain' : 'application/json',
        ...headers,
      })
      response.end(error === undefined ? 'Try again later.' : JSON.stringify({ error }))
      return
    }
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'truncated': {
      const { status, text: content } = real ?? { status: 500, text: '' }
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': content.length })
      response.write(content.slice(0, content.length / 2), () => response.destroy())
      return
    }
    case 'garbage':
      response.writeHead(fault.shape === 'html' ? 502 : 200)
      response.end(fault.shape === 'html' ? '<h1>Bad Gateway</h1>' : '')
      return
    default:
      response.writeHead(real?.status ?? 500, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      response.end(real?.text)
  }
}
