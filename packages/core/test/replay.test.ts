import { describe, expect, it, vi } from 'vitest'
import { createAuthorizer } from '../src/authorize.ts'
import type { AccessToken, TokenSource } from '../src/token-set.ts'
import { authorization, begin, origin, source, thrownBy, token } from './authorize-kit.ts'

describe('A7 A8 whether to replay', () => {
  it('tells the source which token was sent, and sends the newer one without asking again', async () => {
    const tokens = source()
    const bearer = begin(tokens)
    await bearer.authorize()
    expect(await bearer.prepareReplay()).toBe(true)
    expect(await authorization(bearer)).toBe('Bearer b')
    expect(tokens.asked).toEqual([undefined, 'a'])
  })

  it('no, where the source has nothing newer', async () => {
    const bearer = begin({ getAccessToken: async () => token('a') })
    await bearer.authorize()
    expect(await bearer.prepareReplay()).toBe(false)
  })

  it('once only, however often the client itself retries', async () => {
    let n = 0
    const asked: unknown[] = []
    const bearer = begin({
      async getAccessToken({ rejected } = {}) {
        asked.push(rejected)
        return token(`t${rejected === undefined ? n : ++n}`)
      },
    })
    await bearer.authorize()
    expect(await bearer.prepareReplay()).toBe(true)
    for (const attempt of [1, 2]) {
      await bearer.authorize()
      expect(await bearer.prepareReplay(), `attempt ${attempt}`).toBe(false)
      bearer.refreshBehind()
    }
    expect(asked).toEqual([undefined, 't0', undefined])
  })

  it('no, where nothing was sent', async () => {
    const tokens = source()
    const bearer = begin(tokens)
    expect(await bearer.prepareReplay()).toBe(false)
    bearer.refreshBehind()
    expect(tokens.asked).toEqual([])
  })
})

describe('A9 a refresh behind', () => {
  it('is begun with the token that was sent, and waited for by nobody', async () => {
    const tokens = source()
    const bearer = begin(tokens)
    await bearer.authorize()
    bearer.refreshBehind()
    expect(tokens.asked).toEqual([undefined, 'a'])
  })

  it.each<[string, () => Promise<AccessToken>]>([
    ['rejects', () => Promise.reject(new Error('x'))],
    [
      'throws',
      () => {
        throw new Error('x')
      },
    ],
  ])('that %s is nobody’s unhandled rejection', async (_, fail) => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const bearer = begin({ getAccessToken: ({ rejected } = {}) => (rejected ? fail() : Promise.resolve(token('a'))) })
    await bearer.authorize()
    bearer.refreshBehind()
    await new Promise(setImmediate)
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('A9 a one-shot body', () => {
  /** Refreshes when the test says so; everybody else is served `a` meanwhile, as a manager does. */
  function slow() {
    let current = 'a'
    let end: (outcome: Error | string) => void = () => {}
    const refreshed = new Promise<void>((resolve, reject) => {
      end = (outcome) => {
        if (outcome instanceof Error) return reject(outcome)
        current = outcome
        resolve()
      }
    })
    const tokens: TokenSource = {
      async getAccessToken({ rejected } = {}) {
        if (rejected === current) await refreshed
        return token(current)
      },
    }
    return { authorizer: createAuthorizer(tokens, { origins: origin }), end: (outcome: Error | string) => end(outcome) }
  }

  async function start(authorizer: ReturnType<typeof slow>['authorizer']) {
    const bearer = authorizer.begin({ url: origin, method: 'POST' })
    if (bearer === undefined) throw new Error('not ours')
    return bearer
  }

  it.each([true, false])('waits for the refresh of a refused token that is under way (behind: %s)', async (behind) => {
    const { authorizer, end } = slow()
    const first = await start(authorizer)
    await first.authorize({ replayable: false })
    if (behind) first.refreshBehind()
    else void first.prepareReplay()
    const retry = authorization(await start(authorizer), { replayable: false })
    const other = await authorization(await start(authorizer))
    end('b')
    expect([await retry, other]).toEqual(['Bearer b', 'Bearer a'])
  })

  it('goes with the token there is where that refresh fails', async () => {
    const { authorizer, end } = slow()
    const first = await start(authorizer)
    await first.authorize({ replayable: false })
    first.refreshBehind()
    const retry = authorization(await start(authorizer), { replayable: false })
    end(new Error('down'))
    expect(await retry).toBe('Bearer a')
  })

  it('waits no longer than its caller', async () => {
    const { authorizer } = slow()
    const first = await start(authorizer)
    await first.authorize()
    first.refreshBehind()
    const controller = new AbortController()
    const retry = thrownBy((await start(authorizer)).authorize({ replayable: false, signal: controller.signal }))
    controller.abort('left')
    expect(await retry).toBe('left')
  })

  it('does not wait for a refresh that is over', async () => {
    const { authorizer, end } = slow()
    const first = await start(authorizer)
    await first.authorize()
    end('b')
    expect(await first.prepareReplay()).toBe(true)
    expect(await authorization(await start(authorizer), { replayable: false })).toBe('Bearer b')
  })
})
