import { describe, expect, it } from 'vitest'
import { adapters, type Transport } from './fixtures/index.ts'
import { openApi, openClient, openFront, statuses } from './scene.ts'
import { scriptedTokens } from './scripted-tokens.ts'

describe('F9 several clients on one source', () => {
  it('make one refresh together, whatever the mix of clients', async () => {
    const tokens = scriptedTokens()
    const api = await openApi({ introspect: (token) => tokens.introspect(token) })
    tokens.expire()
    const secure = await openFront('https', api.url)
    const urlFor = (transport: Transport) => (transport === 'http' ? api.url : secure?.url) ?? ''
    const outcomes = await Promise.all(
      adapters.map((fixture) => {
        const url = urlFor(fixture.transport)
        return openClient(fixture, tokens, { origins: url }).send({ url: `${url}/` })
      }),
    )
    expect(statuses(outcomes)).toEqual(adapters.map(() => 200))
    expect(tokens.refreshes).toBe(1)
  })
})
