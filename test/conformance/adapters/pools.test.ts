import { describe, expect, it, vi } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene, statuses } from './scene.ts'

/** What is left of a pool once nobody uses it. A socket goes back a moment after its answer has arrived. */
const idle = { busy: 0, waiting: 0 }

describe.each(adapters)('A6 connections that are kept alive, $name', (fixture) => {
  it('one is enough: the 401 gives it back, and the replay goes out on it', async () => {
    const { tokens, api, client, front } = await openScene(fixture, { client: { connections: 1 } })
    for (let round = 1; round <= 5; round++) {
      tokens.expire()
      expect((await client.send({ url: `${api.url}/${round}`, method: 'POST', body: 'order=1' })).status).toBe(200)
    }
    expect(api.requests.map(({ status }) => status)).toEqual(Array(5).fill([401, 200]).flat())
    expect(new Set(api.requests.map(({ connection }) => connection)).size).toBe(1)
    expect(front?.connections() ?? 1).toBe(1)
    await vi.waitFor(() => expect(client.pool()).toEqual({ open: 1, ...idle }))
  })

  it('four carry 25 refused requests and their replays, and no more are opened', async () => {
    const { tokens, api, client } = await openScene(fixture, { client: { connections: 4 } })
    tokens.expire()
    const calls = Array.from({ length: 25 }, (_, n) => client.send({ url: `${api.url}/${n}` }))
    expect(statuses(await Promise.all(calls))).toEqual(Array(25).fill(200))
    expect(tokens.refreshes).toBe(1)
    expect(new Set(api.requests.map(({ connection }) => connection)).size).toBeLessThanOrEqual(4)
    await vi.waitFor(() => expect(client.pool()).toMatchObject(idle))
    expect(client.pool().open).toBeLessThanOrEqual(4)
  })

  it('are left to others while a refresh takes its time', async () => {
    const { tokens, api, client } = await openScene(fixture, {
      client: { connections: 1 },
      api: { refusalBytes: 300_000 },
    })
    tokens.expire()
    const refresh = tokens.holdRefresh()
    const waits = client.send({ url: `${api.url}/waits` })
    await refresh.begun
    expect((await client.send({ url: `${api.url}/public`, optOut: true })).status).toBe(401)
    refresh.release()
    expect((await waits).status).toBe(200)
    await vi.waitFor(() => expect(client.pool()).toMatchObject(idle))
  })

  it('are not held by callers who left, nor by refreshes that fail', async () => {
    const { tokens, api, client } = await openScene(fixture, {
      client: { connections: 1 },
      tokens: { failure: new Error('token endpoint down') },
    })
    tokens.expire()
    const controller = new AbortController()
    const held = api.hold('before')
    const leaver = client.send({ url: `${api.url}/leaver`, signal: controller.signal }).catch(() => 'left')
    await held.arrived
    controller.abort()
    expect(await leaver).toBe('left')
    held.release()
    for (const n of [1, 2, 3]) {
      expect(await client.send({ url: `${api.url}/${n}` }).catch(() => 'failed')).toBe('failed')
    }
    expect((await client.send({ url: `${api.url}/public`, optOut: true })).status).toBe(401)
    await vi.waitFor(() => expect(client.pool()).toMatchObject(idle))
  })
})
