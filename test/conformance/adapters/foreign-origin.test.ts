import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { adapters, can, type Transport, type TransportedFixture } from './fixtures/index.ts'
import { certificate } from './fronts.ts'
import { openClient } from './scene.ts'
import { type ScriptedTokens, scriptedTokens } from './scripted-tokens.ts'

interface Host {
  origin: string
  seen: { path: string; authorization: string | undefined }[]
}

async function listen(transport: Transport, answer: RequestListener): Promise<Host> {
  const seen: Host['seen'] = []
  const listener: RequestListener = (request: IncomingMessage, response) => {
    seen.push({ path: request.url ?? '', authorization: request.headers.authorization })
    request.resume()
    answer(request, response)
  }
  const server = transport === 'https' ? createTlsServer(certificate, listener) : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { origin: `${transport}://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

/** An API that redirects `/` with `status` to `location`, and answers everything else 200. */
const redirects =
  (status: number, location: () => string): RequestListener =>
  (request, response) => {
    if (request.url === '/') response.writeHead(status, { location: location() })
    response.end('ok')
  }

const answers =
  (status: number): RequestListener =>
  (_, response) =>
    response.writeHead(status).end()

/** A client for the API alone. It trusts the certificate, whatever the transport: a redirect may change it. */
function openFor(fixture: TransportedFixture, api: Host, tokens: ScriptedTokens = scriptedTokens()) {
  return { tokens, client: openClient(fixture, tokens, { origins: api.origin, ca: certificate.cert }) }
}

describe.each(adapters)('A1 a redirect, $name', (fixture) => {
  const { transport } = fixture
  const other = transport === 'https' ? 'http' : 'https'

  for (const status of [301, 302, 303, 307, 308]) {
    for (const method of ['GET', 'POST']) {
      for (const foreignStatus of [200, 401]) {
        it(`${status} of a ${method} to another port that answers ${foreignStatus}: the token stays, nothing is refreshed or repeated`, async () => {
          const foreign = await listen(transport, answers(foreignStatus))
          const api = await listen(
            transport,
            redirects(status, () => `${foreign.origin}/there`),
          )
          const { tokens, client } = openFor(fixture, api)
          const body = method === 'POST' ? { body: 'order=1' } : {}
          const outcome = await client.send({ url: `${api.origin}/`, method, ...body })
          expect(outcome.status).toBe(foreignStatus)
          expect(api.seen).toEqual([{ path: '/', authorization: 'Bearer token-1' }])
          expect(foreign.seen).toEqual([{ path: '/there', authorization: undefined }])
          expect(tokens.refreshes).toBe(0)
        })
      }
    }
  }

  // Each names the origin of `foreign` in another way.
  it.each<[string, Transport, (foreign: URL) => string]>([
    ['that is protocol-relative', transport, ({ host }) => `//${host}/there`],
    ['to another host name', transport, ({ port }) => `${transport}://localhost:${port}/there`],
    [`from ${transport} to ${other}`, other, ({ host }) => `${other}://${host}/there`],
    [`from ${transport} to ${other} of another host name`, other, ({ port }) => `${other}://localhost:${port}/there`],
    ['that writes the scheme in capitals', transport, ({ host }) => `${transport.toUpperCase()}://${host}/there`],
    ['that uses backslashes', transport, ({ host }) => `\\\\${host}\\there`],
  ])('%s does not carry the token, and a 401 there is not ours', async (_, to, location) => {
    for (const foreignStatus of [200, 401]) {
      const foreign = await listen(to, answers(foreignStatus))
      const api = await listen(
        transport,
        redirects(302, () => location(new URL(foreign.origin))),
      )
      const { tokens, client } = openFor(fixture, api)
      expect((await client.send({ url: `${api.origin}/` })).status).toBe(foreignStatus)
      expect(api.seen).toEqual([{ path: '/', authorization: 'Bearer token-1' }])
      expect(foreign.seen).toEqual([{ path: '/there', authorization: undefined }])
      expect(tokens.refreshes).toBe(0)
    }
  })

  it('to another name of the same host and port does not carry the token', async () => {
    const api: Host = await listen(
      transport,
      redirects(302, () => `${api.origin.replace('127.0.0.1', 'localhost')}/there`),
    )
    const { client } = openFor(fixture, api)
    await client.send({ url: `${api.origin}/` })
    expect(api.seen.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', undefined])
  })

  it('of the replay does not carry the new token either', async () => {
    const foreign = await listen(transport, answers(401))
    const api: Host = await listen(transport, (request, response) => {
      if (request.headers.authorization === 'Bearer token-1') response.writeHead(401).end()
      else response.writeHead(307, { location: `${foreign.origin}/there` }).end()
    })
    const { tokens, client } = openFor(fixture, api)
    const outcome = await client.send({ url: `${api.origin}/`, method: 'POST', body: 'order=1' })
    expect(outcome.status).toBe(401)
    expect(api.seen.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
    expect(foreign.seen).toEqual([{ path: '/there', authorization: undefined }])
    expect(tokens.refreshes).toBe(1)
  })

  it('through a foreign origin and back shows the foreign one no token, and the 401 is not ours where that way can be seen', async () => {
    const foreign: Host = await listen(transport, (_, response) =>
      response.writeHead(302, { location: `${api.origin}/back` }).end(),
    )
    const api = await listen(transport, (request, response) => {
      if (request.url === '/') response.writeHead(302, { location: `${foreign.origin}/` }).end()
      else response.writeHead(401).end()
    })
    const { tokens, client } = openFor(fixture, api)
    expect((await client.send({ url: `${api.origin}/` })).status).toBe(401)
    const rounds = can(fixture, 'sees every hop of a redirect') ? 1 : 2
    expect(foreign.seen).toEqual(Array(rounds).fill({ path: '/', authorization: undefined }))
    expect(api.seen.map(({ path }) => path)).toEqual(Array(rounds).fill(['/', '/back']).flat())
    expect(tokens.refreshes).toBe(rounds - 1)
  })

  it.each(['/there', 'there', './there?x=1', '?there'])('within the origin carries it: %s', async (location) => {
    const api = await listen(
      transport,
      redirects(302, () => location),
    )
    const { client } = openFor(fixture, api)
    await client.send({ url: `${api.origin}/` })
    expect(api.seen.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-1'])
  })

  it('to a foreign origin that is listed too does not carry it either', async () => {
    const foreign = await listen(transport, answers(401))
    const api = await listen(
      transport,
      redirects(302, () => `${foreign.origin}/there`),
    )
    const tokens = scriptedTokens()
    const origins = [api.origin, foreign.origin]
    const client = openClient(fixture, tokens, { origins })
    expect((await client.send({ url: `${api.origin}/` })).status).toBe(401)
    expect(foreign.seen).toEqual([{ path: '/there', authorization: undefined }])
    expect(tokens.refreshes).toBe(0)
  })
})
