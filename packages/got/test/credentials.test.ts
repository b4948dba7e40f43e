import { describe, expect, it } from 'vitest'
import { bearerContext, withBearer } from '../src/index.ts'
import { authorizations, openApi, twoTokens, versions } from './kit.ts'

const basic = `Basic ${btoa('user:pass')}`

describe.each(versions)("A2 the user's own credentials, $version", ({ got }) => {
  it.each([
    ['username and password', { username: 'user', password: 'pass' }, basic],
    ['a header', { headers: { Authorization: 'Basic own' } }, 'Basic own'],
    ['no header at all, said with undefined', { headers: { authorization: undefined } }, undefined],
    ['the opt-out', { context: bearerContext(false) }, undefined],
  ])('win: %s, of the request', async (_, options, expected) => {
    const api = await openApi()
    const tokens = twoTokens()
    const ours = withBearer(got, tokens, { origins: api.url })
    expect((await ours(api.url, { ...options, throwHttpErrors: false })).statusCode).toBe(401)
    expect(authorizations(api)).toEqual([expected])
    expect(tokens.asked).toEqual([])
  })

  it.each([
    ['username and password', { username: 'user', password: 'pass' }, basic],
    ['a header', { headers: { Authorization: 'Basic own' } }, 'Basic own'],
    ['the opt-out', { context: bearerContext(false) }, undefined],
  ])('win: %s, of the instance', async (_, options, expected) => {
    const api = await openApi()
    const tokens = twoTokens()
    const ours = withBearer(got, tokens, { origins: api.url }).extend({ ...options, throwHttpErrors: false })
    expect((await ours(api.url)).statusCode).toBe(401)
    expect(authorizations(api)).toEqual([expected])
    expect(tokens.asked).toEqual([])
  })

  it('win: in the URL', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const ours = withBearer(got, tokens, { origins: api.url })
    await ours(api.url.replace('://', '://user:pass@'), { throwHttpErrors: false })
    expect(authorizations(api)).toEqual([basic])
    expect(tokens.asked).toEqual([])
  })

  it('are left alone in every retry too', async () => {
    const api = await openApi()
    api.script([503])
    const ours = withBearer(got, twoTokens(), { origins: api.url })
    await ours(api.url, { username: 'user', password: 'pass', throwHttpErrors: false })
    expect(authorizations(api)).toEqual([basic, basic])
  })
})
