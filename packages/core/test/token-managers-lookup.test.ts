import { createClock } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import { createTokenManagers, type Grant, keepFresh, TokenError, type TokenManagersOptions } from '../src/index.ts'
import { hour, outcome, settle } from './kit.ts'
import { refused, signedIn, tenant } from './token-managers-kit.ts'

describe('a grant that cannot be looked up', () => {
  const down = () => {
    throw new Error('the vault is sealed')
  }

  test.each<[string, () => Grant | Promise<Grant>]>([
    ['throws', down],
    ['rejects', async () => down()],
  ])('and %s: all who wait are told, with what to do, and the next caller asks again', async (_, fail) => {
    let sealed = true
    let asked = 0
    const { grant } = tenant('acme')
    const managers = createTokenManagers({
      grantFor: () => {
        asked++
        return sealed ? fail() : grant
      },
    })
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => managers.for('acme:1').getAccessToken()))
    for (const result of results) {
      expect(result).toMatchObject({
        reason: {
          code: 'temporarily_unavailable',
          retryable: true,
          message: expect.stringMatching(/`grantFor` failed.*acme:1.*Try again later/),
          cause: expect.objectContaining({ message: 'the vault is sealed' }),
        },
      })
    }
    expect(asked).toBe(1)
    sealed = false
    await managers.for('acme:1').setTokens(signedIn)
    expect((await managers.for('acme:1').getAccessToken(refused)).accessToken).toBe('acme-1')
    expect(asked).toBe(2)
    await managers.close()
  })

  test('says so itself with a TokenError', async () => {
    const unknown = new TokenError('no_credential', 'There is no such tenant.')
    const managers = createTokenManagers({ grantFor: () => Promise.reject(unknown) })
    await expect(managers.for('x').getAccessToken()).rejects.toBe(unknown)
    await expect(managers.for('x').clearTokens()).rejects.toBe(unknown)
    await managers.close()
  })

  test.each([undefined, null, {}, 'acme', Promise.resolve(undefined)])('because %j is none', async (answer) => {
    const managers = createTokenManagers({ grantFor: () => answer as unknown as Grant })
    await expect(managers.for('x').getAccessToken()).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(/`grantFor` returned is no grant \(key "x"\)/),
    })
    await managers.close()
  })

  test('because nobody answers: callers may leave at any time, and are told after half a minute', async () => {
    const clock = createClock()
    let hangs = true
    const { grant } = tenant('acme')
    let asked = 0
    const managers = createTokenManagers({
      timing: clock,
      grantFor: () => {
        asked++
        return hangs ? new Promise<Grant>(() => {}) : grant
      },
    })
    await expect(managers.for('a').getAccessToken({ signal: AbortSignal.abort() })).rejects.toThrow('abort')
    expect(asked).toBe(0)
    const leaver = new AbortController()
    const leaving = managers.for('a').getAccessToken({ signal: leaver.signal })
    const staying = settle(clock, managers.for('a').getAccessToken())
    leaver.abort(new Error('navigated away'))
    await expect(leaving).rejects.toThrow('navigated away')
    expect(await staying).toMatchObject({
      reason: { code: 'temporarily_unavailable', message: expect.stringMatching(/has not answered within 30 seconds/) },
    })
    hangs = false
    await managers.for('a').setTokens(signedIn)
    expect((await outcome(clock, managers.for('a').getAccessToken(refused))).accessToken).toBe('acme-1')
    await managers.close()
    expect(clock.pending).toBe(0)
  })

  test('leaves keepFresh() running: it looks again within a minute', async () => {
    const clock = createClock()
    let sealed = true
    const { grant, counted } = tenant('acme')
    const managers = createTokenManagers({
      timing: clock,
      softWindow: false,
      grantFor: async () => (sealed ? down() : grant),
    })
    const kept = keepFresh(managers.for('a'))
    await clock.advance(hour)
    sealed = false
    await managers.for('a').setTokens({ ...signedIn, expires_in: 60 })
    await clock.advance(120_000)
    expect(counted.requests).toBe(1)
    kept.stop()
    await managers.close()
    expect(clock.pending).toBe(0)
  })

  test('who closes meanwhile is not kept waiting, and nobody gets a credential after that', async () => {
    const answer = Promise.withResolvers<Grant>()
    const managers = createTokenManagers({ grantFor: () => answer.promise })
    const asked = managers.for('a').getAccessToken()
    await managers.close()
    answer.resolve(tenant('acme').grant)
    await expect(asked).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('wrong options of many are named', () => {
  const { grant } = tenant('x')
  test.each<[string, object, RegExp]>([
    ['neither', {}, /`grant` must be a function.*or `grantFor`/],
    ['both', { grant, grantFor: () => grant }, /`grant` or `grantFor`, not both/],
    [
      'a grantFor that is none',
      { grantFor: grant({ previous: undefined, signal: new AbortController().signal }) },
      /grantFor/,
    ],
    ['a grant that is none', { grant: {} }, /`grant` must be a function/],
    ['maxIdleTime 0', { grant, maxIdleTime: 0 }, /`maxIdleTime` must be a number of milliseconds, more than zero/],
    ['maxIdleTime in words', { grant, maxIdleTime: '1h' }, /`maxIdleTime`/],
    ['a store that is none', { grantFor: () => grant, store: {} }, /`store`/],
  ])('%s', (_, options, message) => {
    expect(() => createTokenManagers(options as TokenManagersOptions)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(message) }),
    )
  })
})
