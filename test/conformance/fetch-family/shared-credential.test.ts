import { describe, expect, it } from 'vitest'
import { family } from './family.ts'
import { openStage } from './stage.ts'

describe.each(['http', 'https'] as const)('F9 one credential in the whole fetch family, over %s', (transport) => {
  const members = family.filter((member) => member.transport === transport)

  it('is refreshed once by all of them together', async () => {
    const { server, api, tokens } = await openStage({ expired: true }, {}, { transport })
    const clients = members.map(({ open }) => open(tokens, api.url))
    const calls = clients.flatMap((client, n) => [
      client.read(`/${n}`),
      client.write(`/${n}`, {}),
      client.read(`/${n}`),
    ])
    expect(await Promise.all(calls)).toHaveLength(3 * members.length)
    expect([server.tokenRequests, server.replays]).toEqual([1, 0])
    expect(new Set(api.requests.filter(({ status }) => status === 200).map(({ token }) => token)).size).toBe(1)
  })
})
