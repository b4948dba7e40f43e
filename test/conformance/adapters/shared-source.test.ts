import { describe, expect, it } from 'vitest'
import { adapters } from './fixtures/index.ts'
import { openApi, openClient, statuses } from './scene.ts'
import { scriptedTokens } from './scripted-tokens.ts'

describe('F9 several clients on one source', () => {
  it('make one refresh together, whatever the mix of clients', async () => {
    const tokens = scriptedTokens()
    const api = await openApi({ introspect: (token) => tokens.introspect(token) })
    tokens.expire()
    const clients = [...adapters, ...adapters].map((fixture) => openClient(fixture, tokens, { origins: api.url }))
    const outcomes = await Promise.all(clients.map((client) => client.send({ url: `${api.url}/` })))
    expect(statuses(outcomes)).toEqual(clients.map(() => 200))
    expect(tokens.refreshes).toBe(1)
  })
})
