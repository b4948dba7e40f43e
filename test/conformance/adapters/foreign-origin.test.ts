import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openClient } from './scene.ts'
import { scriptedTokens } from './scripted-tokens.ts'
import { selfSigned } from './self-signed.ts'

// Our certificate is nobody's: read anew for every connection, so this reaches only what this file opens.
beforeAll(() => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
})
afterAll(() => {
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
})

interface Host {
  port: number
  seen: { path: string; authorization: string | undefined }[]
}

async function listen(answer: RequestListener, tls = false): Promise<Host> {
  const seen: Host['seen'] = []
  const listener: RequestListener = (request: IncomingMessage, response) => {
    seen.push({ path: request.url ?? '', authorization: request.headers.authorization })
    request.resume()
    answer(request, response)
  }
  const server = tls ? createTlsServer(selfSigned(), listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { port: (server.address() as AddressInfo).port, seen }
}

/** An API that redirects `/` with `status` to `location`, and answers everything else 200. */
const redirects =
  (status: number, location: () => string): RequestListener =>
  (request, response) => {
    if (request.url === '/') response.writeHead(status, { location: location() })
    response.end('ok')
  }

describe.each(adapters)('A1 a redirect, $name', (fixture) => {
  for (const status of [301, 302, 303, 307, 308]) {
    for (const method of ['GET', 'POST']) {
      for (const foreignStatus of [200, 401]) {
        it(`${status} of a ${method} to another port that answers ${foreignStatus}: the token stays, nothing is refreshed or repeated`, async () => {
          const tokens = scriptedTokens()
          const foreign = await listen((_, response) => response.writeHead(foreignStatus).end())
          const api = await listen(redirects(status, () => `http://127.0.0.1:${foreign.port}/there`))
          const client = openClient(fixture, tokens, { origins: `http://127.0.0.1:${api.port}` })
          const body = method === 'POST' ? { body: 'order=1' } : {}
          const outcome = await client.send({ url: `http://127.0.0.1:${api.port}/`, method, ...body })
          expect(outcome.status).toBe(foreignStatus)
          expect(api.seen).toEqual([{ path: '/', authorization: 'Bearer token-1' }])
          expect(foreign.seen).toEqual([{ path: '/there', authorization: undefined }])
          expect(tokens.refreshes).toBe(0)
        })
      }
    }
  }

  it('to another name of the same host and port does not carry the token', async () => {
    const tokens = scriptedTokens()
    const api: Host = await listen(redirects(302, () => `http://localhost:${api.port}/there`))
    const client = openClient(fixture, tokens, { origins: `http://127.0.0.1:${api.port}` })
    await client.send({ url: `http://127.0.0.1:${api.port}/` })
    expect(api.seen.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', undefined])
  })

  it('that is protocol-relative and leaves the origin does not carry the token', async () => {
    const tokens = scriptedTokens()
    const foreign = await listen((_, response) => response.end())
    const api = await listen(redirects(302, () => `//127.0.0.1:${foreign.port}/there`))
    const client = openClient(fixture, tokens, { origins: `http://127.0.0.1:${api.port}` })
    await client.send({ url: `http://127.0.0.1:${api.port}/` })
    expect(foreign.seen).toEqual([{ path: '/there', authorization: undefined }])
  })

  it.each([
    ['https to http', true, false],
    ['http to https', false, true],
  ])('from %s does not carry the token', async (_, fromTls, toTls) => {
    const tokens = scriptedTokens()
    const origin = (tls: boolean, port: number) => `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
    const foreign = await listen((_, response) => response.end(), toTls)
    const api = await listen(
      redirects(302, () => `${origin(toTls, foreign.port)}/there`),
      fromTls,
    )
    const client = openClient(fixture, tokens, { origins: origin(fromTls, api.port) })
    expect((await client.send({ url: `${origin(fromTls, api.port)}/` })).status).toBe(200)
    expect(api.seen).toEqual([{ path: '/', authorization: 'Bearer token-1' }])
    expect(foreign.seen).toEqual([{ path: '/there', authorization: undefined }])
  })

  it.each(['/there', 'there', './there?x=1'])('within the origin carries it: %s', async (location) => {
    const tokens = scriptedTokens()
    const api = await listen(redirects(302, () => location))
    const client = openClient(fixture, tokens, { origins: `http://127.0.0.1:${api.port}` })
    await client.send({ url: `http://127.0.0.1:${api.port}/` })
    expect(api.seen.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-1'])
  })

  it('to a foreign origin that is listed too does not carry it either', async () => {
    const tokens = scriptedTokens()
    const foreign = await listen((_, response) => response.writeHead(401).end())
    const api = await listen(redirects(302, () => `http://127.0.0.1:${foreign.port}/there`))
    const origins = [api, foreign].map(({ port }) => `http://127.0.0.1:${port}`)
    const client = openClient(fixture, tokens, { origins })
    expect((await client.send({ url: `${origins[0]}/` })).status).toBe(401)
    expect(foreign.seen).toEqual([{ path: '/there', authorization: undefined }])
    expect(tokens.refreshes).toBe(0)
  })
})
