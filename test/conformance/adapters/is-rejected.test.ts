import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openScene } from './scene.ts'

describe.each(adapters)('A5 isRejected, $name', (fixture) => {
  it('widens what a rejection is: a 403', async () => {
    const { tokens, api, client } = await openScene(fixture, { client: { isRejected: (status) => status === 403 } })
    api.script([403])
    expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
    expect(tokens.refreshes).toBe(1)
  })

  it('may look into a 200, and the caller still reads the body of the one that stays', async () => {
    const { tokens, api, client } = await openScene(fixture, {
      client: { isRejected: async (_, text) => (await text()).includes('token_expired') },
    })
    api.script([
      { status: 200, body: '{"ok":false,"error":"token_expired"}' },
      { status: 200, body: '{"ok":true}' },
    ])
    expect(await client.send({ url: `${api.url}/` })).toEqual({ status: 200, text: '{"ok":true}' })
    expect(tokens.refreshes).toBe(1)
  })

  it('cannot narrow it: a 401 stays one', async () => {
    const { tokens, api, client } = await openScene(fixture, { client: { isRejected: () => false } })
    tokens.expire()
    expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
    expect(tokens.refreshes).toBe(1)
  })

  it('is not asked about an answer from behind a cross-origin redirect', async () => {
    const foreign = await openScene(fixture, { api: { protection: 'refuse_all' } })
    const { tokens, api, client } = await openScene(fixture, { client: { isRejected: () => true } })
    const to = encodeURIComponent(`${foreign.api.url}/`)
    expect((await client.send({ url: `${api.url}/redirect?to=${to}` })).status).toBe(401)
    expect(tokens.refreshes).toBe(0)
  })
})
