import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import type { Transport } from './fixtures/index.ts'
import { openFront } from './scene.ts'
import type { ScriptedTokens } from './scripted-tokens.ts'

/** A request with all of its body. */
export interface Received {
  readonly token: string | undefined
  /** Empty where there was none. */
  readonly contentType: string
  readonly body: Buffer
}

export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
}

/** An API that keeps what it receives, and refuses every token but the current one. */
export async function openReceiver(tokens: ScriptedTokens | undefined, transport: Transport): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const { authorization, 'content-type': contentType = '' } = request.headers
    const token = authorization?.replace(/^Bearer /, '')
    // Of a request that breaks off, nothing is kept.
    const body = await buffer(request).catch(() => undefined)
    if (body === undefined) return
    received.push({ token, contentType, body })
    if (tokens === undefined || (token !== undefined && tokens.introspect(token).active)) response.end('{}')
    else response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('refused')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url: (await openFront(transport, url))?.url ?? url, received }
}
