import { once } from 'node:events'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { findTokenError } from '@tokenflight/core'
import { createDpop } from '@tokenflight/oauth'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type DpopApi, type DpopApiOptions, openDpopApi } from './dpop-api.ts'
import { type AdapterClient, type AdapterFixture, can, fixtures } from './fixtures/index.ts'
import { openClient, statuses } from './scene.ts'
import { type ScriptedTokens, type ScriptedTokensOptions, scriptedTokens } from './scripted-tokens.ts'

interface Scene {
  tokens: ScriptedTokens
  api: DpopApi
  client: AdapterClient
}

/** Tokens bound to a key, and an API that checks whether they are. */
async function open(
  fixture: AdapterFixture,
  options: Partial<DpopApiOptions> & { tokens?: ScriptedTokensOptions; origins?: string[] } = {},
): Promise<Scene> {
  const dpop = createDpop()
  const tokens = Object.assign(scriptedTokens({ tokenType: 'DPoP', ...options.tokens }), { prove: dpop.prove })
  const boundTo = async (token: string) => (tokens.introspect(token).active ? dpop.thumbprint() : undefined)
  const api = await openDpopApi({ boundTo, ...options })
  const client = openClient(fixture, tokens, { origins: [api.url, ...(options.origins ?? [])] })
  return { tokens, api, client }
}

const refusals = ({ seen }: DpopApi) => seen.map(({ refused }) => refused)
const proofs = ({ seen }: DpopApi) => new Set(seen.map(({ jti }) => jti)).size

describe.each(fixtures)('a token that is bound to a key (DPoP, RFC 9449), $name', (fixture) => {
  it('goes with a proof for this method and URL, without its query', async () => {
    const { api, client } = await open(fixture)
    expect((await client.send({ url: `${api.url}/a%20b?x=1`, method: 'PUT', body: 'x' })).status).toBe(200)
    expect(refusals(api)).toEqual([undefined])
  })

  it('goes with a new proof each time', async () => {
    const { api, client } = await open(fixture)
    for (const _ of [1, 2, 3]) await client.send({ url: `${api.url}/` })
    expect(refusals(api)).toEqual([undefined, undefined, undefined])
    expect(proofs(api)).toBe(3)
  })

  it('is replaced where it is refused: one refresh, and one replay with a proof for the new one', async () => {
    const { tokens, api, client } = await open(fixture)
    tokens.expire()
    expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
    expect(refusals(api)).toEqual(['token', undefined])
    expect(proofs(api)).toBe(2)
    expect(tokens.refreshes).toBe(1)
  })

  it('makes one refresh for 25 callers whose token is refused', async () => {
    const { tokens, api, client } = await open(fixture, { nonce: 'n1' })
    tokens.expire()
    const calls = Array.from({ length: 25 }, (_, n) => client.send({ url: `${api.url}/${n}` }))
    expect(statuses(await Promise.all(calls))).toEqual(Array(25).fill(200))
    expect(tokens.refreshes).toBe(1)
  })

  it('goes with a new proof in a retry of a 503, by the client or its caller', async () => {
    const { tokens, api, client } = await open(fixture)
    api.unavailable = 1
    const url = `${api.url}/`
    const outcome = await client.send({ url })
    expect(outcome.status === 503 ? (await client.send({ url })).status : outcome.status).toBe(200)
    expect(refusals(api)).toEqual([undefined, undefined])
    expect(proofs(api)).toBe(2)
    expect(tokens.refreshes).toBe(0)
  })

  it('is sent again where the API asks for a nonce, without a refresh, and the nonce is remembered', async () => {
    const { tokens, api, client } = await open(fixture, { nonce: 'n1' })
    expect((await client.send({ url: `${api.url}/1`, method: 'POST', body: 'order' })).status).toBe(200)
    expect((await client.send({ url: `${api.url}/2` })).status).toBe(200)
    expect(refusals(api)).toEqual(['nonce', undefined, undefined])
    expect(tokens.asked).not.toContain('token-1')
    api.nonce = 'n2'
    expect((await client.send({ url: `${api.url}/3` })).status).toBe(200)
    expect(refusals(api).slice(3)).toEqual(['nonce', undefined])
    expect(tokens.refreshes).toBe(0)
  })

  it('takes the next nonce from every answer', async () => {
    const { api, client } = await open(fixture, { nonce: 'n1' })
    await client.send({ url: `${api.url}/` })
    for (const next of ['n2', 'n3', 'n4']) {
      api.nextNonce = next
      expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
    }
    expect(refusals(api)).toEqual(['nonce', undefined, undefined, undefined, undefined])
  })

  it('gets through a nonce, a refused token, and the next nonce in one call', async () => {
    const { tokens, api, client } = await open(fixture, { nonce: 'n1' })
    tokens.expire()
    const refresh = tokens.holdRefresh()
    const call = client.send({ url: `${api.url}/`, method: 'POST', body: 'order' })
    await refresh.begun
    api.nonce = 'n2'
    refresh.release()
    expect((await call).status).toBe(200)
    expect(refusals(api)).toEqual(['nonce', 'token', 'nonce', undefined])
    expect(tokens.refreshes).toBe(1)
  })

  it('is sent twice and no more where the API asks for a nonce each time', async () => {
    const { tokens, api, client } = await open(fixture, { nonce: 'n1' })
    api.challenge = 'DPoP error="use_dpop_nonce"'
    tokens.expire()
    const outcome = await client.send({ url: `${api.url}/` })
    expect(outcome.status).toBe(401)
    expect(api.seen).toHaveLength(2)
    expect(tokens.refreshes).toBe(0)
  })

  it.each([
    ['invalid_dpop_proof', 'DPoP error="invalid_dpop_proof"'],
    ['insufficient_scope', 'DPoP error="insufficient_scope"'],
    ['nothing about DPoP', 'Basic realm="api"'],
    ['a Bearer token is missing', 'Bearer'],
  ])('is not refreshed where the 401 says: %s', async (_, challenge) => {
    const { tokens, api, client } = await open(fixture)
    tokens.expire()
    api.challenge = challenge
    expect((await client.send({ url: `${api.url}/` })).status).toBe(401)
    expect(api.seen).toHaveLength(1)
    expect(tokens.refreshes).toBe(0)
  })

  it.each(['DPoP', 'Bearer error="invalid_token"', 'Bearer, DPoP error="invalid_token"'])(
    'is refreshed where the 401 says: %s',
    async (challenge) => {
      const { tokens, api, client } = await open(fixture)
      tokens.expire()
      api.challenge = challenge
      expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
      expect(tokens.refreshes).toBe(1)
    },
  )

  it('leaves the nonce for the next call where the body cannot be sent twice', async () => {
    const { tokens, api, client } = await open(fixture, { nonce: 'n1' })
    const send = () => client.send({ url: `${api.url}/`, method: 'POST', body: Readable.from([Buffer.from('x')]) })
    expect((await send()).status).toBe(can(fixture, 'copies one-shot bodies') ? 200 : 401)
    expect(refusals(api)).toEqual(can(fixture, 'copies one-shot bodies') ? ['nonce', undefined] : ['nonce'])
    expect((await send()).status).toBe(200)
    expect(tokens.refreshes).toBe(0)
  })

  it('is not sent as a Bearer token, nor a Bearer token in its place: the error says what to do', async () => {
    const refusedWith = async ({ api, client }: Scene) => {
      const error: unknown = await client.send({ url: `${api.url}/` }).catch((thrown: unknown) => thrown)
      expect(api.seen).toEqual([])
      return findTokenError(error)?.message
    }
    expect(await refusedWith(await open(fixture, { tokens: { tokenType: 'Bearer' } }))).toMatch(/Bearer although DPoP/)
    const keyless = await open(fixture)
    Object.assign(keyless.tokens, { prove: undefined })
    expect(await refusedWith(keyless)).toMatch(/no key.*createDpop/)
  })

  it.each(['DPoP', 'dpop'])('is left out where the caller brings an own %s header', async (name) => {
    const { tokens, api, client } = await open(fixture)
    await client.send({ url: `${api.url}/`, headers: { [name]: 'mine' } })
    expect(api.seen.map(({ authorization, dpop }) => [authorization, dpop])).toEqual([[undefined, 'mine']])
    expect(tokens.asked).toEqual([])
  })

  for (const status of [301, 302, 303, 307, 308]) {
    it.each(['GET', 'POST'])(
      `stays behind, and so does the proof, where a ${status} of a %s leaves the origin`,
      async (method) => {
        const foreign = await openForeign()
        const { tokens, api, client } = await open(fixture, { origins: [foreign.url] })
        const url = `${api.url}/redirect?status=${status}&to=${foreign.url}/there`
        const outcome = await client.send({ url, method, ...(method === 'POST' && { body: 'order' }) })
        expect(outcome).toEqual({ status: 200, text: 'foreign' })
        expect(foreign.seen).toEqual([{ method: status <= 303 ? 'GET' : method, credentials: [] }])
        expect(tokens.refreshes).toBe(0)
      },
    )
  }

  it.each([
    [302, undefined],
    [307, undefined],
    [302, 'DPoP error="invalid_token"'],
  ])(
    'does not cause a refresh after a %i within the origin, where a wrong proof is called %s',
    async (status, challenge) => {
      const { tokens, api, client } = await open(fixture)
      api.challenge = challenge
      const outcome = await client.send({ url: `${api.url}/redirect?status=${status}&to=/there` })
      // axios makes its hops itself and cannot sign between them; the others bring a proof for each.
      const signsHops = !fixture.name.startsWith('axios')
      expect(outcome.status).toBe(signsHops ? 200 : 401)
      expect(refusals(api)).toEqual([undefined, signsHops ? undefined : 'proof'])
      expect(tokens.refreshes).toBe(0)
    },
  )

  it('shows in no error and in no answer', async () => {
    const { tokens, api, client } = await open(fixture, { tokens: { failure: new Error('no') } })
    tokens.expire()
    const error: unknown = await client.send({ url: `${api.url}/` }).catch((thrown: unknown) => thrown)
    const { dpop = '', authorization = '' } = api.seen[0] ?? {}
    expect(dpop).not.toBe('')
    // What axios itself hangs on its errors, sockets and all, is not ours to clean; its headers are.
    const { config, response } = Object(error)
    const ours = fixture.name.startsWith('axios') ? [config.headers, response.config.headers] : [error]
    for (const secret of [dpop, authorization]) expect(inspect(ours, { depth: null })).not.toContain(secret)
  })
})

interface Foreign {
  url: string
  seen: { method: string; credentials: string[] }[]
}

/** Another origin, which should get neither header. */
async function openForeign(): Promise<Foreign> {
  const seen: Foreign['seen'] = []
  const server = createServer((request, response) => {
    const credentials = ['authorization', 'dpop'].filter((name) => name in request.headers)
    seen.push({ method: request.method ?? '', credentials })
    request.resume()
    response.end('foreign')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, seen }
}
