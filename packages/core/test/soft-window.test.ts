import { describe, expect, test } from 'vitest'
import { hour, outcome, scene } from './kit.ts'

describe('F11: the soft window', () => {
  const soft = { softWindow: [0.5, 0.5] as const }

  test('a token soon to expire is served at once while one refresh runs behind', async () => {
    const { clock, server, tokens } = await scene(soft)
    await clock.advance(hour / 2)
    const held = server.hold()
    const served = await Promise.all(Array.from({ length: 10 }, () => tokens.getAccessToken()))
    expect(new Set(served.map(({ accessToken }) => accessToken))).toEqual(new Set(['at-1-canary']))
    await held.arrived
    held.release()
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })

  test('its failure is an event, never an unhandled rejection, and fails no caller while the token is valid', async () => {
    const { clock, server, tokens, events } = await scene(soft)
    await clock.advance(hour / 2)
    for (let n = 0; n < 3; n++) {
      server.next(() => Promise.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' })))
      expect((await tokens.getAccessToken()).accessToken).toBe('at-1-canary')
      await clock.advance(0)
      expect((await tokens.getAccessToken()).accessToken).toBe('at-1-canary')
      await clock.advance(60_000)
    }
    expect(server.requests).toBe(3)
    expect(events.filter(({ type }) => type === 'refresh_failed')).toMatchObject(
      Array(3).fill({ code: 'temporarily_unavailable', background: true }),
    )
    expect((await tokens.getAccessToken()).accessToken).toBe('at-1-canary')
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-2-canary')
  })

  test('whoever joins it after the token has expired gets more than its one try', async () => {
    const { clock, server, tokens } = await scene(soft)
    await clock.advance(hour / 2)
    const failing = Promise.withResolvers<never>()
    server.next(() => failing.promise)
    await tokens.getAccessToken()
    clock.stall(hour)
    const late = tokens.getAccessToken()
    failing.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }))
    expect((await outcome(clock, late)).accessToken).toBe('at-2-canary')
  })

  test('leaves a sibling that is already refreshing alone', async () => {
    const { clock, server, tokens, sibling } = await scene(soft)
    const other = sibling()
    await other.getAccessToken()
    await clock.advance(hour / 2)
    const held = server.hold()
    await tokens.getAccessToken()
    await held.arrived
    await other.getAccessToken()
    await clock.advance(1_000)
    expect(server.requests).toBe(1)
    held.release()
    await clock.advance(0)
    expect((await other.getAccessToken()).accessToken).toBe('at-2-canary')
    expect(server.requests).toBe(1)
  })

  test('the moment is drawn once per token: a fleet does not refresh in step, and reads of the store do not move it', async () => {
    const { clock, tokens, sibling, record } = await scene({ softWindow: [0.5, 0.9] })
    const drawn = (await record())?.refreshAt ?? 0
    const start = clock.now()
    expect(drawn - start).toBeGreaterThanOrEqual(hour * 0.5)
    expect(drawn - start).toBeLessThanOrEqual(hour * 0.9)
    await sibling().getAccessToken()
    await tokens.getAccessToken()
    expect((await record())?.refreshAt).toBe(drawn)
  })
})
