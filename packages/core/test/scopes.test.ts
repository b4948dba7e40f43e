import { describe, expect, test } from 'vitest'
import { createTokenManager, forResource, memoryStore, type TokenResponse } from '../src/index.ts'
import { hour, outcome, scene } from './kit.ts'

const granted = (scope?: string): TokenResponse => ({
  access_token: `at-${scope}`,
  refresh_token: 'rt',
  expires_in: 3600,
  ...(scope !== undefined && { scope }),
})
const missing = (events: { type: string }[]) => events.filter(({ type }) => type === 'scope_missing')

describe('requested and granted scopes', () => {
  test('less than was asked for is an event that names what is missing, once for each token; the token is used', async () => {
    const { clock, server, tokens, events } = await scene({ scope: 'read  write admin', signedIn: false })
    await tokens.setTokens(granted('write read'))
    expect((await tokens.getAccessToken()).accessToken).toBe('at-write read')
    await tokens.getAccessToken()
    await clock.advance(0)
    expect(missing(events)).toMatchObject([{ missing: ['admin'], generation: 1 }])
    server.next(() => granted('read'))
    await clock.advance(hour)
    await outcome(clock, tokens.getAccessToken())
    expect(missing(events)).toMatchObject([{ missing: ['admin'] }, { missing: ['write', 'admin'], generation: 2 }])
  })

  test('RFC 6749 section 5.1: a server that says nothing has granted what was asked for; and more is no less', async () => {
    const { tokens, events } = await scene({ scope: 'read', requireScope: true, signedIn: false })
    for (const scope of [undefined, 'read', 'a read b']) {
      await tokens.setTokens(granted(scope))
      expect((await tokens.getAccessToken()).scope).toBe(scope)
    }
    expect(missing(events)).toEqual([])
  })

  test('requireScope makes it an error; the tokens are kept, no request is made for it, and a better sign-in ends it', async () => {
    const { clock, server, tokens, sibling, record } = await scene({
      scope: 'read write',
      requireScope: true,
      signedIn: false,
    })
    await tokens.setTokens(granted('read'))
    for (const each of [tokens, tokens, sibling()]) {
      await expect(each.getAccessToken()).rejects.toMatchObject({
        code: 'insufficient_scope',
        retryable: false,
        message: expect.stringMatching(/did not grant "write".*Sign in with these scopes/),
      })
    }
    expect(server.requests).toBe(0)
    expect((await record())?.tokens?.accessToken).toBe('at-read')
    const other = sibling()
    await other.setTokens(granted('read write'))
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-read write')
    await other.setTokens(granted('write'))
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'insufficient_scope' })
  })

  test('a refresh that brings less is kept, and told as what it is', async () => {
    const { clock, server, tokens, record } = await scene({ scope: 'api', requireScope: true })
    server.next((redeem) => ({ ...redeem(), scope: 'other' }))
    await clock.advance(hour)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'insufficient_scope' })
    expect((await record())?.tokens?.refreshToken).toBe('rt-2-canary')
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'insufficient_scope' })
    expect(server.requests).toBe(1)
    expect((await tokens.renew()).scope).toBe('api')
    expect((await tokens.getAccessToken()).scope).toBe('api')
  })

  test('a further audience is measured by the scopes that were asked for it', async () => {
    const { server, tokens, events } = await scene({ scope: 'api' })
    server.next((redeem) => ({ ...redeem(), scope: 'mail.read' }))
    const { scope } = await forResource(tokens, 'urn:mail', { scope: 'mail.read mail.send' }).getAccessToken()
    expect(scope).toBe('mail.read')
    expect(missing(events)).toMatchObject([{ missing: ['mail.send'], audience: 'urn:mail mail.read mail.send' }])
  })

  test.each([
    [{ scope: '' }, /`scope`/],
    [{ scope: ['read'] }, /`scope`/],
    [{ scope: 'read', requireScope: 'yes' }, /`requireScope` must be true or false/],
    [{ requireScope: true }, /`requireScope` needs `scope`/],
    [{ onAccountChange: 'ignore' }, /`onAccountChange` must be 'error' or 'adopt'/],
  ])('wrong options are named: %j', (options, message) => {
    const create = () =>
      createTokenManager({ grant: async () => granted(), store: memoryStore(), ...(options as object) })
    expect(create).toThrow(expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(message) }))
  })
})
