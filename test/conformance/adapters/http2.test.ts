import { describe, expect, it } from 'vitest'
import { can, fixtures, over } from './fixtures/index.ts'
import { openApi, openScene, statuses, tokensSeen } from './scene.ts'

const clients = fixtures.filter((fixture) => can(fixture, 'HTTP/2')).map((fixture) => over('h2', fixture))

// The API speaks nothing else here, so that an answer proves the protocol.
describe.each(clients)('F1 A8 one HTTP/2 session, $name', (fixture) => {
  const sessions = can(fixture, 'one session for all of HTTP/2') ? 1 : 2

  it('carries the token', async () => {
    const { tokens, api, client } = await openScene(fixture)
    expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
    expect(tokensSeen(api)).toEqual(['token-1'])
    expect(tokens.asked).toEqual([undefined])
  })

  it('carries the refused request and its replay', async () => {
    const { tokens, api, client, front } = await openScene(fixture)
    tokens.expire()
    const body = '{"amount":1}'
    const headers = { 'content-type': 'application/json', 'x-request-id': '7' }
    expect((await client.send({ url: `${api.url}/orders`, method: 'PUT', headers, body })).status).toBe(200)
    const [first, second, ...more] = api.requests
    expect(more).toEqual([])
    expect([first?.token, second?.token]).toEqual(['token-1', 'token-2'])
    expect(second?.bodyLength).toBe(body.length)
    const sent = (request: typeof first) => [request?.method, request?.url, request?.bodySha256]
    expect(sent(second)).toEqual(sent(first))
    expect(second?.headers).toMatchObject(headers)
    expect(front?.connections()).toBe(sessions)
  })

  it('carries 25 requests at once, all with one refused token: one refresh', async () => {
    const { tokens, api, client, front } = await openScene(fixture)
    // A session is there before the others look for one.
    expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
    tokens.expire()
    const calls = Array.from({ length: 25 }, (_, n) => client.send({ url: `${api.url}/${n}` }))
    expect(statuses(await Promise.all(calls))).toEqual(Array(25).fill(200))
    expect(tokens.refreshes).toBe(1)
    expect(front?.connections()).toBe(sessions)
  })

  it('is free again where a 401 is large', async () => {
    const { tokens, api, client } = await openScene(fixture, { api: { refusalBytes: 300_000 } })
    tokens.expire()
    const calls = [1, 2, 3].map((n) => client.send({ url: `${api.url}/${n}` }))
    expect(statuses(await Promise.all(calls))).toEqual([200, 200, 200])
  })

  it('outlives one request that is aborted on the way', async () => {
    const { tokens, api, client, front } = await openScene(fixture)
    expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
    tokens.expire()
    const reason = new Error('the caller left')
    const controller = new AbortController()
    const held = api.hold('before', { when: ({ url }) => url === '/leaver' })
    const leaver = client.send({ url: `${api.url}/leaver`, signal: controller.signal }).catch((error: unknown) => error)
    await held.arrived
    controller.abort(reason)
    expect(fixture.isAbort(await leaver, reason)).toBe(true)
    expect((await client.send({ url: `${api.url}/next` })).status).toBe(200)
    expect(front?.connections()).toBe(sessions)
  })
})

describe.each(clients)('A1 a redirect, $name', (fixture) => {
  it('to another origin carries no token, and a 401 there is not ours', async () => {
    const { tokens, api, client } = await openScene(fixture)
    const foreign = await openApi({ protection: 'refuse_all' }, 'h2')
    const to = encodeURIComponent(`${foreign.url}/there`)
    const follows = can(fixture, 'redirects over HTTP/2')
    expect((await client.send({ url: `${api.url}/redirect?to=${to}` })).status).toBe(follows ? 401 : 302)
    expect(foreign.requests.map(({ authorization }) => authorization)).toEqual(follows ? [undefined] : [])
    expect(tokens.refreshes).toBe(0)
  })

  it('within the origin carries it', async () => {
    const { api, client } = await openScene(fixture)
    const follows = can(fixture, 'redirects over HTTP/2')
    expect((await client.send({ url: `${api.url}/redirect?to=/there` })).status).toBe(follows ? 200 : 302)
    expect(tokensSeen(api)).toEqual(follows ? ['token-1', 'token-1'] : ['token-1'])
  })
})
