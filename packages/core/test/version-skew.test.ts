import { describe, expect, test } from 'vitest'
import { forScope, GrantError, type TokenRecord } from '../src/index.ts'
import { hour, outcome, scene, settle } from './kit.ts'

/** Writes what another release has written: whatever there is, changed. */
async function rewrite(
  { store }: Pick<Awaited<ReturnType<typeof scene>>, 'store'>,
  change: (record: TokenRecord) => object,
): Promise<void> {
  const { record, version } = await store.read('default')
  if (record === undefined) throw new Error('nothing is stored')
  await store.compareAndSet('default', version, { ...record, ...change(record), revision: record.revision + 1 })
}

describe('processes of several releases on one record', () => {
  test('fields of a later release stay while the tokens stay, and end with them: they were about those', async () => {
    const { clock, server, tokens, record, ...rest } = await scene()
    await rewrite(rest, () => ({ later: { about: 'these tokens' } }))
    await clock.advance(hour)
    server.next(() => Promise.reject(new GrantError('refused', '', { error: 'invalid_scope' })))
    await settle(clock, tokens.getAccessToken())
    expect(await record()).toMatchObject({ later: { about: 'these tokens' }, outcome: { kind: 'refused' } })
    await clock.advance(hour)
    const held = server.hold()
    const asked = tokens.getAccessToken()
    await held.arrived
    expect(await record()).toMatchObject({ later: { about: 'these tokens' }, claim: { presentation: 1 } })
    held.release()
    await asked
    expect(await record()).not.toHaveProperty('later')
  })

  test('a state that this release does not know is terminal: nothing is presented', async () => {
    const { clock, server, tokens, ...rest } = await scene()
    await rewrite(rest, () => ({ state: 'frozen' }))
    await clock.advance(hour)
    expect(await settle(clock, tokens.getAccessToken())).toMatchObject({ reason: { code: 'reauthorization_required' } })
    expect(server.requests).toBe(0)
  })

  test('a failure of a kind that this release does not know keeps nobody from refreshing', async () => {
    const { clock, server, tokens, ...rest } = await scene()
    await rewrite(rest, () => ({ outcome: { claimId: 'theirs', kind: 'later', at: clock.now() } }))
    await clock.advance(hour)
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })

  test('a record of the first release, which knew no audiences, gets some; and goes on without them where that one writes', async () => {
    const { clock, server, tokens, sibling, record, ...rest } = await scene()
    expect(Object.keys((await record()) ?? {}).sort()).toEqual(['generation', 'revision', 'tokens'])
    await outcome(clock, forScope(tokens, 'a').getAccessToken())
    expect(Object.keys((await record())?.audiences ?? {})).toEqual(['scope=a'])
    await rewrite(rest, ({ tokens }) => ({ tokens: { ...tokens, accessToken: 'theirs' }, audiences: undefined }))
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('theirs')
    expect((await outcome(clock, forScope(tokens, 'a').getAccessToken())).accessToken).toBe('at-3-canary')
    expect((await forScope(sibling(), 'a').getAccessToken()).accessToken).toBe('at-3-canary')
    expect([server.requests, server.revoked]).toEqual([2, false])
  })
})
