import { createHook } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import { createAuthorizer } from '../src/authorize.ts'
import { createTokenManagers, type TokenSource } from '../src/index.ts'
import { outcome, scene } from './kit.ts'

/** Promises made by `work`, told by the engine. */
function promisesOf(work: () => unknown): number {
  let made = 0
  const hook = createHook({
    init(_, type) {
      if (type === 'PROMISE') made++
    },
  }).enable()
  try {
    work()
  } finally {
    hook.disable()
  }
  return made
}

const origin = 'https://api.example.com'
const begin = (tokens: TokenSource) => {
  const authorizer = createAuthorizer<unknown>(tokens, { origins: origin })
  return () => {
    const request = authorizer.begin({ url: `${origin}/things` })
    if (request === undefined) throw new Error('not ours')
    return request
  }
}

describe('F8 what a call costs while a good token is in memory, in counts that no machine changes', () => {
  test('getAccessToken makes no promise and asks the store nothing', async () => {
    const { tokens, store } = await scene()
    await tokens.getAccessToken()
    const { reads } = store
    expect(promisesOf(() => tokens.getAccessToken())).toBe(0)
    expect(promisesOf(() => tokens.getAccessToken({ signal: new AbortController().signal }))).toBe(0)
    expect(promisesOf(() => tokens.getAccessToken({ rejected: 'another' }))).toBe(0)
    expect(tokens.getAccessToken()).toBe(tokens.getAccessToken())
    expect(store.reads).toBe(reads)
  })

  test('nor does that of one credential of many', async () => {
    const { server } = await scene({ signedIn: false })
    const managers = createTokenManagers({ grant: async () => server.signIn() })
    await managers.for('alice').setTokens(server.signIn())
    await managers.for('alice').getAccessToken()
    expect(promisesOf(() => managers.for('alice').getAccessToken())).toBe(0)
    await managers.close()
  })

  test('a request is told its headers at once, with and without a signal, and they are the same object each time', async () => {
    const { tokens } = await scene()
    const next = begin(tokens)
    const first = await next().authorize()
    const { signal } = new AbortController()
    let second: unknown
    expect(promisesOf(() => (second = next().authorize()))).toBe(0)
    expect(second).toBe(first)
    expect(promisesOf(() => (second = next().authorize({ signal, replayable: false })))).toBe(0)
    expect(second).toBe(first)
  })

  test('its answer is judged without a promise', async () => {
    const { tokens } = await scene()
    const request = begin(tokens)()
    await request.authorize()
    const answer = { status: 200, header: () => null }
    expect(promisesOf(() => request.isRejection(answer, {}))).toBe(0)
  })

  test('where somebody has put another getAccessToken on the source, that one is asked', async () => {
    const { tokens } = await scene()
    const next = begin(tokens)
    await next().authorize()
    const other = { accessToken: 'other', tokenType: 'Bearer', obtainedAt: 0 }
    Object.assign(tokens, { getAccessToken: async () => other })
    expect(await next().authorize()).toEqual({ authorization: 'Bearer other' })
  })

  test('who has left already is told so, and handed no headers', async () => {
    const { tokens } = await scene()
    const next = begin(tokens)
    await next().authorize()
    const reason = new Error('left')
    const asked = async () => next().authorize({ signal: AbortSignal.abort(reason) })
    await expect(asked()).rejects.toBe(reason)
  })

  test('ten thousand who wait without a signal wait on one promise', async () => {
    const { clock, tokens, server } = await scene({ signedIn: false })
    await tokens.setTokens({ ...server.signIn(), expires_in: 1 })
    await clock.advance(2_000)
    const first = tokens.getAccessToken()
    const made = promisesOf(() => {
      for (let n = 0; n < 10_000; n++) tokens.getAccessToken().catch(() => {})
    })
    // Those of our own catch() above, and no more.
    expect(made).toBe(10_000)
    await outcome(clock, first)
  })

  test('with a signal each waits on a promise of its own, and on nothing else', async () => {
    const { clock, tokens, server } = await scene({ signedIn: false })
    await tokens.setTokens({ ...server.signIn(), expires_in: 1 })
    await clock.advance(2_000)
    const signals = Array.from({ length: 10_001 }, () => new AbortController().signal)
    const first = tokens.getAccessToken({ signal: signals[0] })
    const others: Promise<unknown>[] = []
    const made = promisesOf(() => {
      for (const signal of signals.slice(1)) others.push(tokens.getAccessToken({ signal }))
    })
    expect(made).toBe(10_000)
    const { accessToken } = await outcome(clock, first)
    expect(new Set(await Promise.all(others))).toEqual(new Set([expect.objectContaining({ accessToken })]))
  })
})
