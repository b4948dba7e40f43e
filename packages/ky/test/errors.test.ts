import { TokenError } from '@tokenflight/core'
import { HTTPError, isHTTPError, isKyError } from 'ky'
import { describe, expect, it } from 'vitest'
import { withBearer } from '../src/index.ts'
import { newest, openApi, statuses, thrownBy, twoTokens, versions } from './kit.ts'

/** A source whose answer to one question is in the test's hand. */
function heldTokens(which: 'first' | 'refresh') {
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let over: () => void = () => {}
  const answered = new Promise<void>((resolve) => {
    over = resolve
  })
  const source = {
    async getAccessToken({ rejected }: { rejected?: string | undefined } = {}) {
      if ((rejected === undefined) === (which === 'first')) {
        await released
        over()
      }
      return { accessToken: rejected === undefined ? 'a' : 'b', tokenType: 'Bearer', obtainedAt: 0 }
    },
  }
  return { source, answered, release: () => release() }
}

describe.each(versions)('A11 errors, $version', ({ ky }) => {
  it('of a second 401 are the ordinary HTTPError, with its body', async () => {
    const api = await openApi('nobody')
    const ours = withBearer(ky, twoTokens(), { origins: api.url })
    const error = await thrownBy(ours(api.url))
    expect(error).toMatchObject({ name: 'HTTPError', response: { status: 401 } })
    expect(statuses(api)).toEqual([401, 401])
    expect(await ours(api.url, { throwHttpErrors: false }).json()).toEqual({ error: 'invalid_token' })
  })

  it.each([
    ['before sending', undefined, 0],
    ['after a 401', 'a', 1],
  ])(
    'of a token that cannot be had are the TokenError itself, %s, with a body and with progress',
    async (_, first, sent) => {
      const api = await openApi('nobody')
      const failure = new TokenError('reauthorization_required', 'Sign in again.')
      const source = {
        async getAccessToken({ rejected }: { rejected?: string | undefined } = {}) {
          if (first === undefined || rejected !== undefined) throw failure
          return { accessToken: first, tokenType: 'Bearer', obtainedAt: 0 }
        },
      }
      const ours = withBearer(ky, source, { origins: api.url })
      const call = ours.put(api.url, { body: new Blob(['x']).stream(), onUploadProgress: () => {} })
      expect(await thrownBy(call)).toBe(failure)
      expect(await thrownBy(ours(api.url).json())).toBe(failure)
      expect(api.requests).toHaveLength(2 * sent)
    },
  )
})

describe('A11 errors by class, ky 2', () => {
  it('are those that ky exports, and a TokenError is none of them', async () => {
    const api = await openApi('nobody')
    const error = await thrownBy(withBearer(newest.ky, twoTokens(), { origins: api.url })(api.url))
    expect(error).toBeInstanceOf(HTTPError)
    expect(isHTTPError(error) && error.data).toEqual({ error: 'invalid_token' })
    expect(isKyError(new TokenError('closed', 'Closed.'))).toBe(false)
  })
})

describe.each(versions)('F6 time-outs, $version', ({ version, ky }) => {
  const budgets = version.startsWith('ky 2') ? ['timeout', 'totalTimeout'] : ['timeout']
  for (const budget of budgets) {
    it.each(['first', 'refresh'] as const)(
      `waiting for a token counts toward ${budget}, and nothing is sent after it: %s`,
      async (which) => {
        const api = await openApi('b')
        const { source, answered, release } = heldTokens(which)
        const ours = withBearer(ky, source, { origins: api.url })
        const error = await thrownBy(ours(api.url, { timeout: 10_000, [budget]: 200 }))
        expect(error).toMatchObject({ name: 'TimeoutError' })
        release()
        await answered
        expect((await ours(`${api.url}/next`, { bearer: false, throwHttpErrors: false })).status).toBe(401)
        const sent = api.requests.map(({ url }) => url)
        expect(sent).toEqual(which === 'first' ? ['/next'] : ['/', '/next'])
      },
    )
  }
})
