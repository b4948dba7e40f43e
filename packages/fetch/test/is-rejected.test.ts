import { isTokenError } from '@tokenflight/core'
import { describe, expect, it } from 'vitest'
import { withBearer } from '../src/index.ts'
import { openApi, thrownBy, tokensSeen, twoTokens } from './kit.ts'

describe('A5 isRejected', () => {
  it('gets the response, may read a copy, and decides', async () => {
    const api = await openApi()
    api.configure({ protection: 'none' })
    const bearerFetch = withBearer(fetch, twoTokens(), {
      origins: api.url,
      isRejected: async (response) => (await response.clone().text()).includes('Bearer a'),
    })
    const response = await bearerFetch(api.url)
    expect(await response.text()).toContain('Bearer b')
    expect(tokensSeen(api)).toEqual(['a', 'b'])
  })

  it('that reads the caller’s own body is told so, at the first call', async () => {
    const api = await openApi('a')
    const bearerFetch = withBearer(fetch, twoTokens(), {
      origins: api.url,
      isRejected: async (response) => (await response.text()) === '',
    })
    const error = await thrownBy(bearerFetch(api.url))
    expect(isTokenError(error) && error.code).toBe('invalid_option')
    expect(String(error)).toContain('response.clone()')
  })

  it('that throws reaches the caller as it is, and the connection is given up', async () => {
    const api = await openApi('a', { protection: 'none' })
    const failure = new Error('mine')
    let seen: Response | undefined
    const bearerFetch = withBearer(fetch, twoTokens(), {
      origins: api.url,
      isRejected: (response) => {
        seen = response
        throw failure
      },
    })
    expect(await thrownBy(bearerFetch(api.url))).toBe(failure)
    expect(seen?.bodyUsed).toBe(true)
  })
})
