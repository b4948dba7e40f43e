import { describe, expect, it } from 'vitest'
import { family } from './family.ts'
import { openStage } from './stage.ts'

describe.each(family)('A2 F1 the fetch adapter in $name', ({ open, transport }) => {
  it('sends the token', async () => {
    const { server, api, tokens, accessToken } = await openStage({ subject: 'alice' }, {}, { transport })
    expect(await open(tokens, api.url).read('/things')).toMatchObject({ url: '/things', subject: 'alice' })
    expect(api.requests.map(({ token }) => token)).toEqual([accessToken])
    expect(server.tokenRequests).toBe(0)
  })

  it('makes one refresh for 25 calls whose token has expired', async () => {
    const { server, api, tokens } = await openStage({ expired: true }, {}, { transport })
    const client = open(tokens, api.url)
    const echoes = await Promise.all(Array.from({ length: 25 }, (_, n) => client.read(`/${n}`)))
    expect(echoes.map(({ url }) => url)).toEqual(Array.from({ length: 25 }, (_, n) => `/${n}`))
    expect([server.tokenRequests, server.replays, server.isAlive('grant_1')]).toEqual([1, 0, true])
  })

  it('sends a POST again byte for byte', async () => {
    const { server, api, tokens } = await openStage({ expired: true }, {}, { transport })
    await open(tokens, api.url).write('/things', { name: 'Ünïcode', padding: 'x'.repeat(100_000) })
    const [first, second, ...more] = api.requests
    expect(more).toEqual([])
    expect([first?.status, second?.status]).toEqual([401, 200])
    expect(first?.bodyLength).toBeGreaterThan(100_000)
    const sent = ({ method, url, bodyLength, bodySha256, headers }: (typeof api.requests)[number]) => {
      const { authorization: _, ...others } = headers
      return { method, url, bodyLength, bodySha256, others }
    }
    expect(second && sent(second)).toEqual(first && sent(first))
    expect(server.tokenRequests).toBe(1)
  })

  it('makes no second refresh for a late 401', async () => {
    const { server, api, tokens } = await openStage({ expired: true }, {}, { transport })
    const client = open(tokens, api.url)
    const held = api.hold('after', { when: ({ url }) => url === '/late' })
    const late = client.write('/late', {})
    await held.arrived
    await client.read('/quick')
    held.release()
    expect((await late).url).toBe('/late')
    expect(server.tokenRequests).toBe(1)
  })
})
