import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene, statuses } from './scene.ts'

describe.each(adapters)('F2 requests at the same time, $name', (fixture) => {
  // Handshakes for 200 connections would be the better part of this.
  const pool = fixture.transport === 'https' ? { client: { connections: 25 } } : {}

  it.each([25, 200])('make one refresh: %i of them with one rejected token', async (count) => {
    const { tokens, api, client } = await openScene(fixture, pool)
    tokens.expire()
    const calls = Array.from({ length: count }, (_, n) => client.send({ url: `${api.url}/${n}` }))
    expect(statuses(await Promise.all(calls))).toEqual(Array(count).fill(200))
    expect(tokens.refreshes).toBe(1)
    expect(api.requests.length).toBeLessThanOrEqual(2 * count)
  })

  it('join a refresh that is under way when their own 401 arrives', async () => {
    const { tokens, api, client } = await openScene(fixture)
    tokens.expire()
    const refresh = tokens.holdRefresh()
    const held = api.hold('after', { when: ({ url }) => url === '/sibling' })
    const first = client.send({ url: `${api.url}/first` })
    const sibling = client.send({ url: `${api.url}/sibling` })
    await Promise.all([refresh.begun, held.arrived])
    held.release()
    await api.waitFor(({ url, phase }) => url === '/sibling' && phase === 'answered')
    refresh.release()
    expect(statuses(await Promise.all([first, sibling]))).toEqual([200, 200])
    expect(tokens.refreshes).toBe(1)
  })
})
