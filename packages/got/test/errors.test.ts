import { inspect } from 'node:util'
import { findTokenError, TokenError } from '@tokenflight/core'
import * as newest from 'got'
import { describe, expect, it } from 'vitest'
import { withBearer } from '../src/index.ts'
import { openApi, thrownBy, twoTokens, versions } from './kit.ts'

describe.each(versions)('A11 errors, $version', ({ got }) => {
  it('of a second 401 are the ordinary HTTPError', async () => {
    const api = await openApi('nobody')
    const error = await thrownBy(withBearer(got, twoTokens(), { origins: api.url })(api.url))
    expect(error).toMatchObject({ name: 'HTTPError', code: 'ERR_NON_2XX_3XX_RESPONSE', response: { statusCode: 401 } })
    expect(findTokenError(error)).toBeUndefined()
  })

  it('of a refresh that failed are a RequestError with the TokenError as its cause, and with the 401', async () => {
    const api = await openApi('nobody')
    const failure = new TokenError('reauthorization_required', 'Sign in again.')
    const source = {
      getAccessToken: async ({ rejected }: { rejected?: string | undefined } = {}) => {
        if (rejected !== undefined) throw failure
        return { accessToken: 'a', tokenType: 'Bearer', obtainedAt: 0 }
      },
    }
    const error = await thrownBy(withBearer(got, source, { origins: api.url })(api.url))
    expect(error).toMatchObject({
      name: 'RequestError',
      code: 'reauthorization_required',
      message: 'Sign in again.',
      response: { statusCode: 401 },
    })
    expect(findTokenError(error)).toBe(failure)
  })

  it.each([
    ['an HTTPError', 'nobody', {}],
    ['a failed connection', 'a', { retry: { limit: 1 } }],
  ])('do not show the token when they are logged: %s', async (_, live, options) => {
    const api = await openApi(live)
    if (live === 'a') api.script(['reset', 'reset'])
    const error = await thrownBy(withBearer(got, twoTokens(), { origins: api.url })(api.url, options))
    expect(error).toMatchObject({ name: expect.stringMatching(/HTTPError|RequestError/) })
    expect(api.requests).toHaveLength(2)
    expect(inspect(error, { depth: null })).not.toContain('Bearer')
  })

  it.each([
    ['an AbortError', false, false],
    ['an AbortError of a stream', true, false],
    ['an AbortError, with a cache', false, true],
  ])('do not show the token when they are logged: %s', async (_, isStream, cached) => {
    const api = await openApi('a')
    const held = api.hold('before')
    const controller = new AbortController()
    const ours = withBearer(got, twoTokens(), { origins: api.url })
    const options = { signal: controller.signal, ...(cached && { cache: new Map() }) }
    const call = isStream
      ? new Promise((_, reject) => void ours.stream(api.url, options).once('error', reject).resume())
      : ours(api.url, options)
    const error = thrownBy(call)
    await held.arrived
    controller.abort()
    expect(await error).toMatchObject({ name: 'AbortError' })
    expect(inspect(await error, { depth: null })).not.toContain('Bearer')
    expect(JSON.stringify(await error)).not.toContain('Bearer')
  })

  it('do not show the token when they are logged: a ParseError', async () => {
    const api = await openApi('a')
    api.script([{ status: 200, body: '{' }])
    const error = await thrownBy(withBearer(got, twoTokens(), { origins: api.url })(api.url).json())
    expect(error).toMatchObject({ name: 'ParseError' })
    expect(inspect(error, { depth: null })).not.toContain('Bearer')
  })

  it('of the options are told as got tells them', async () => {
    const ours = withBearer(got, twoTokens(), { origins: 'https://api.example.com' })
    const bad = { timeout: 'soon' } as unknown as newest.OptionsOfTextResponseBody
    expect(await thrownBy(ours('http://'))).toMatchObject({ name: 'RequestError', message: 'Invalid URL' })
    expect(await thrownBy(ours('https://api.example.com', bad))).toMatchObject({
      message: expect.stringContaining('timeout'),
    })
    expect(await thrownBy(ours(5 as unknown as string))).toMatchObject({ message: expect.stringContaining("'input'") })
  })
})

describe('A11 errors by class', () => {
  it('are those that got exports', async () => {
    const api = await openApi('nobody')
    const ours = withBearer(newest.default, twoTokens(), { origins: api.url })
    expect(await thrownBy(ours(api.url))).toBeInstanceOf(newest.HTTPError)
    const none = withBearer(
      newest.default,
      { getAccessToken: () => Promise.reject(new Error('no')) },
      { origins: api.url },
    )
    expect(await thrownBy(none(api.url))).toBeInstanceOf(newest.RequestError)
    expect(await thrownBy(none(api.url, { signal: AbortSignal.abort() }))).toBeInstanceOf(newest.AbortError)
  })
})
