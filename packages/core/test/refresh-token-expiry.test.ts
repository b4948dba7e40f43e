import { describe, expect, test } from 'vitest'
import { forResource, keepFresh, type TokenEvent } from '../src/index.ts'
import { hour, outcome, scene } from './kit.ts'

const day = 24 * hour
const warnings = (events: TokenEvent[]) => events.filter(({ type }) => type === 'refresh_token_expires')

describe('the end of a refresh token is announced', () => {
  test('once, warnBefore ahead, by whoever looks first, and again for the next one', async () => {
    const { clock, server, tokens, events } = await scene({ signedIn: false, warnBefore: 7 * day })
    await tokens.setTokens({ ...server.signIn(), expires_in: undefined as never, refresh_token_expires_in: 2_592_000 })
    const expiresAt = clock.now() + 30 * day
    await clock.advance(23 * day - 1)
    await tokens.getAccessToken()
    expect(warnings(events)).toEqual([])
    await clock.advance(1)
    for (let n = 0; n < 3; n++) await tokens.getAccessToken()
    expect(warnings(events)).toMatchObject([{ type: 'refresh_token_expires', generation: 1, expiresAt }])
    expect(clock.pending).toBe(0)

    await tokens.setTokens({ ...server.signIn(), expires_in: undefined as never, refresh_token_expires_in: 2_592_000 })
    await clock.advance(29 * day)
    await tokens.getAccessToken()
    expect(warnings(events)).toHaveLength(2)
  })

  test('by a process that reads it, and by keepFresh() without anybody', async () => {
    const { clock, server, tokens, sibling } = await scene({ signedIn: false, softWindow: false })
    await tokens.setTokens({ ...server.signIn(), expires_in: 1e7, refresh_token_expires_in: 2_592_000 })
    await clock.advance(25 * day)
    const events: TokenEvent[] = []
    const other = sibling({ onEvent: (event) => events.push(event) })
    await other.getAccessToken()
    expect(warnings(events)).toHaveLength(1)

    const kept: TokenEvent[] = []
    keepFresh(sibling({ onEvent: (event) => kept.push(event) }))
    await clock.advance(60_000)
    expect(warnings(kept)).toHaveLength(1)
    await clock.advance(hour)
    expect(warnings(kept)).toHaveLength(1)
  })

  test('not at each refresh where the server renews short-lived ones, nor where the end is unknown', async () => {
    const { clock, server, tokens, events } = await scene({ server: { lifetime: 300 } })
    for (let n = 0; n < 20; n++) {
      server.next((redeem) => ({ ...redeem(), ...(n < 10 && { refresh_expires_in: 1_800 }) }))
      await clock.advance(300_000)
      await outcome(clock, tokens.getAccessToken())
    }
    expect(warnings(events)).toEqual([])
  })

  test('by a further audience too, since it is the same one', async () => {
    const { clock, server, tokens, events } = await scene({ signedIn: false })
    await tokens.setTokens({ ...server.signIn(), refresh_token_expires_in: 2_592_000 })
    await clock.advance(25 * day)
    server.next((redeem) => {
      const { refresh_token: _, ...answer } = redeem()
      return { ...answer, expires_in: 1e7 }
    })
    const mail = forResource(tokens, 'urn:mail')
    await outcome(clock, mail.getAccessToken())
    await clock.advance(4 * day)
    await mail.getAccessToken()
    await mail.getAccessToken()
    expect(warnings(events)).toHaveLength(1)
  })
})
