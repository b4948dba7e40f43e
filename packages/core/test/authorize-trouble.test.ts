import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { isTokenError, TokenError } from '../src/errors.ts'
import type { AccessToken, TokenSource } from '../src/token-set.ts'
import { begin, source, thrownBy, token } from './authorize-kit.ts'

describe('A3 A11 trouble', () => {
  const deaf: TokenSource = { getAccessToken: () => new Promise(() => {}) }

  it('with a source that minds no signal: an abort ends the wait with its reason all the same', async () => {
    const controller = new AbortController()
    const reason = new Error('left')
    const waiting = thrownBy(begin(deaf).authorize({ signal: controller.signal }))
    controller.abort(reason)
    expect(await waiting).toBe(reason)
  })

  it('of a caller who left before: the source is not asked', async () => {
    const tokens = source()
    const reason = new Error('left')
    const bearer = begin(tokens)
    expect(await thrownBy(bearer.authorize({ signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(tokens.asked).toEqual([])
    await bearer.authorize()
    expect(await thrownBy(bearer.prepareReplay(AbortSignal.abort(reason)))).toBe(reason)
    expect(tokens.asked).toEqual([undefined])
  })

  it.each([
    ['a token that is there costs no listener', 0, async () => token('a')],
    [
      'a token that takes time leaves no listener behind',
      2,
      async () => {
        await new Promise(setImmediate)
        return token('a')
      },
    ],
  ])('hands the signal on, and %s', async (_, listeners, make) => {
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const remove = vi.spyOn(signal, 'removeEventListener')
    const getAccessToken = vi.fn<TokenSource['getAccessToken']>(make)
    const bearer = begin({ getAccessToken })
    await bearer.authorize({ signal })
    await bearer.prepareReplay(signal)
    await new Promise(setImmediate)
    expect(getAccessToken.mock.calls.map(([request]) => request?.signal)).toEqual([signal, signal])
    expect(add).toHaveBeenCalledTimes(listeners)
    expect(remove).toHaveBeenCalledTimes(listeners)
  })

  it('that is a TokenError is handed on as it is', async () => {
    const error = new TokenError('closed', 'x')
    expect(await thrownBy(begin({ getAccessToken: () => Promise.reject(error) }).authorize())).toBe(error)
  })

  it.each<[string, () => Promise<AccessToken>]>([
    ['rejects with something else', () => Promise.reject(new TypeError('fetch failed'))],
    [
      'throws something else',
      () => {
        throw new TypeError('fetch failed')
      },
    ],
  ])('with a source that %s becomes a TokenError', async (_, getAccessToken) => {
    const error = await thrownBy(begin({ getAccessToken }).authorize())
    expect(isTokenError(error) && error.code).toBe('temporarily_unavailable')
    expect(isTokenError(error) && String(error.cause)).toContain('fetch failed')
  })

  it('shows no token to whoever logs the state of a request', async () => {
    const bearer = begin({ getAccessToken: async () => token('canary') })
    await bearer.authorize()
    expect(inspect(bearer, { depth: 9, showHidden: true }) + JSON.stringify(bearer)).not.toContain('canary')
  })
})
