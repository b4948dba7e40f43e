import type { CreateAxiosDefaults } from 'axios'
import { describe, expect, it } from 'vitest'
import { openClient, thrownBy, twoTokens, versions } from './kit.ts'

describe('A9 Node 24.14, where a 401 for a streamed body looks like a network error', () => {
  const [newest] = versions

  /** What the fetch of that Node does. */
  function hidingFetch(): { env: NonNullable<CreateAxiosDefaults['env']>; sent: () => number } {
    let sent = 0
    return {
      env: {
        async fetch() {
          sent++
          throw new TypeError('fetch failed', { cause: new Error('expected non-null body source') })
        },
      },
      sent: () => sent,
    }
  }

  it('starts the refresh for the next request, and hands the error over', async () => {
    if (newest === undefined) return
    const tokens = twoTokens()
    const { env, sent } = hidingFetch()
    const { client } = await openClient(newest, { tokens, adapter: 'fetch', env })
    const error = await thrownBy(client.post('/', new Blob(['x']).stream()))
    expect(error).toMatchObject({ code: 'ERR_NETWORK' })
    expect(tokens.asked).toEqual([undefined, 'a'])
    expect(sent()).toBe(1)
  })

  it('replays where replayBody makes the body anew', async () => {
    if (newest === undefined) return
    const tokens = twoTokens()
    const { env, sent } = hidingFetch()
    const { client } = await openClient(newest, { tokens, adapter: 'fetch', env })
    await thrownBy(client.post('/', new Blob(['x']).stream(), { bearer: { replayBody: () => 'x' } }))
    expect(sent()).toBe(2)
  })
})
