import { describe, expect, test } from 'vitest'
import { forScope, type TokenResponse } from '../src/index.ts'
import { subjectOf } from '../src/subject.ts'
import { hour, outcome, scene } from './kit.ts'

const base64url = (value: unknown) =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
const idToken = (sub: unknown) => `${base64url({ alg: 'none' })}.${base64url({ sub })}.`
const signedInAs = (name: string, more: Partial<TokenResponse> = {}): TokenResponse => ({
  access_token: `at-${name}`,
  refresh_token: `rt-${name}`,
  expires_in: 3600,
  id_token: idToken(name),
  ...more,
})

describe('R12: another process signs in as somebody else', () => {
  test('a running client that has served one account does not go on as the other: a clear error, an event, no request', async () => {
    const { clock, server, tokens, sibling, events, record } = await scene({ signedIn: false })
    const other = sibling()
    await other.setTokens(signedInAs('alice'))
    expect((await tokens.getAccessToken()).accessToken).toBe('at-alice')
    await other.setTokens(signedInAs('bob'))
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({
      code: 'account_changed',
      retryable: false,
      message: expect.stringMatching(/Another account has signed in \(key "default"\).*onAccountChange: 'adopt'/),
    })
    await expect(tokens.getAccessToken({ rejected: 'at-alice' })).rejects.toMatchObject({ code: 'account_changed' })
    await expect(tokens.renew()).rejects.toMatchObject({ code: 'account_changed' })
    await expect(forScope(tokens, 'x').getAccessToken()).rejects.toMatchObject({ code: 'account_changed' })
    // Also where Bob's have expired: his refresh token is not presented for who believes to be Alice.
    await clock.advance(hour)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'account_changed' })
    expect(server.requests).toBe(0)
    expect((await record())?.tokens?.subject).toBe('bob')
    expect(events.filter(({ type }) => type === 'account_changed')).toMatchObject([{ adopted: false }])
    expect(JSON.stringify(events)).not.toMatch(/alice|bob/)
  })

  test('also where the store tells nobody of its changes, and where the first account had signed out before', async () => {
    for (const signOut of [true, false]) {
      const { clock, store, tokens, sibling } = await scene({ signedIn: false })
      const deaf = sibling({ store: { ...store, read: store.read, watch: undefined } as never })
      await tokens.setTokens(signedInAs('alice'))
      await deaf.getAccessToken()
      if (signOut) await tokens.clearTokens()
      await tokens.setTokens(signedInAs('bob'))
      await clock.advance(hour)
      await expect(deaf.getAccessToken()).rejects.toMatchObject({ code: 'account_changed' })
    }
  })

  test('a process that has served nobody yet takes what is there', async () => {
    const { tokens, sibling } = await scene({ signedIn: false })
    await tokens.setTokens(signedInAs('alice'))
    await sibling().setTokens(signedInAs('bob'))
    expect((await sibling().getAccessToken()).accessToken).toBe('at-bob')
  })

  test('an account that only a refresh makes known is not handed out either; its tokens are kept', async () => {
    const { clock, server, tokens, sibling, events, record } = await scene({ signedIn: false })
    await tokens.setTokens(signedInAs('alice'))
    await sibling().setTokens(server.signIn())
    await clock.advance(hour)
    server.next((redeem) => ({ ...redeem(), id_token: idToken('bob') }))
    for (let n = 0; n < 2; n++) {
      await expect(outcome(clock, tokens.getAccessToken())).rejects.toMatchObject({ code: 'account_changed' })
    }
    expect((await record())?.tokens).toMatchObject({ subject: 'bob', accessToken: 'at-2-canary' })
    expect(events.filter(({ type }) => type === 'account_changed')).toMatchObject([{ adopted: false }])
    expect(server.requests).toBe(1)
  })

  test('the application accepts the change by signing in itself, or out', async () => {
    const { clock, tokens, sibling } = await scene({ signedIn: false })
    await tokens.setTokens(signedInAs('alice'))
    const other = sibling()
    await other.setTokens(signedInAs('bob'))
    await clock.advance(0)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'account_changed' })
    await tokens.setTokens(signedInAs('bob', { access_token: 'at-bob-2' }))
    expect((await tokens.getAccessToken()).accessToken).toBe('at-bob-2')

    await tokens.clearTokens()
    await other.setTokens(signedInAs('carol'))
    expect((await tokens.getAccessToken()).accessToken).toBe('at-carol')
  })

  test('the first account coming back ends it', async () => {
    const { clock, tokens, sibling, events } = await scene({ signedIn: false })
    await tokens.setTokens(signedInAs('alice'))
    const other = sibling()
    for (const name of ['bob', 'alice', 'bob'] as const) {
      await other.setTokens(signedInAs(name))
      await clock.advance(0)
      const asked = tokens.getAccessToken()
      if (name === 'alice') expect((await asked).accessToken).toBe('at-alice')
      else await expect(asked).rejects.toMatchObject({ code: 'account_changed' })
    }
    expect(events.filter(({ type }) => type === 'account_changed')).toHaveLength(2)
  })

  test('onAccountChange: adopt goes on as the other, and says so', async () => {
    const { clock, tokens, sibling, events } = await scene({ signedIn: false, onAccountChange: 'adopt' })
    await tokens.setTokens(signedInAs('alice'))
    await sibling().setTokens(signedInAs('bob'))
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('at-bob')
    expect(events.filter(({ type }) => type === 'account_changed')).toMatchObject([{ adopted: true }])
  })

  test('R13: a sign-in as somebody else during a refresh wins; who waited for it is not handed the other’s token', async () => {
    const { clock, server, tokens, sibling, record } = await scene({ signedIn: false })
    await tokens.setTokens({ ...server.signIn(), id_token: idToken('alice') })
    await clock.advance(hour)
    const held = server.hold('after')
    const asked = tokens.getAccessToken()
    await held.arrived
    await sibling().setTokens(signedInAs('bob'))
    held.release()
    await expect(asked).rejects.toMatchObject({ code: 'account_changed' })
    expect((await record())?.tokens?.accessToken).toBe('at-bob')
  })

  test('R13: one’s own sign-in as somebody else during a refresh is no change of account, for nobody who waits', async () => {
    const { clock, server, tokens, events } = await scene({ signedIn: false })
    await tokens.setTokens({ ...server.signIn(), id_token: idToken('alice') })
    await clock.advance(hour)
    const held = server.hold('after')
    const asked = tokens.getAccessToken()
    await held.arrived
    await tokens.setTokens(signedInAs('bob'))
    held.release()
    expect((await asked).accessToken).toBe('at-bob')
    expect(events.map(({ type }) => type)).not.toContain('account_changed')
  })

  test('R13: nor is it where the refresh was kept just before, and does not know it yet: it serves who asked before the sign-in', async () => {
    const { clock, server, store, tokens, events } = await scene({ signedIn: false })
    await tokens.setTokens({ ...server.signIn(), id_token: idToken('alice') })
    await clock.advance(hour)
    store.trouble.compareAndSet.push(undefined, async (apply) => {
      const done = await apply()
      await tokens.setTokens(signedInAs('bob'))
      return done as never
    })
    expect((await outcome(clock, tokens.getAccessToken())).accessToken).toBe('at-2-canary')
    expect((await tokens.getAccessToken()).accessToken).toBe('at-bob')
    expect(server.requests).toBe(1)
    expect(events.map(({ type }) => type)).not.toContain('account_changed')
  })

  test('R13: nor is it for a caller who finds the new tokens before the sign-in knows that they are stored', async () => {
    const { server, store, tokens, events } = await scene({ signedIn: false })
    await tokens.setTokens({ ...server.signIn(), id_token: idToken('alice') })
    store.trouble.compareAndSet.push(async (apply) => {
      const done = await apply()
      expect((await tokens.getAccessToken({ rejected: 'at-1-canary' })).accessToken).toBe('at-bob')
      return done as never
    })
    await tokens.setTokens(signedInAs('bob'))
    expect((await tokens.getAccessToken()).accessToken).toBe('at-bob')
    expect(events.map(({ type }) => type)).not.toContain('account_changed')
  })

  test('who the tokens belong to survives refreshes; nobody knows is the same account', async () => {
    const { clock, server, tokens, sibling, record } = await scene({ signedIn: false })
    await tokens.setTokens(server.signIn(), { subject: 'alice' })
    await clock.advance(hour)
    await outcome(clock, tokens.getAccessToken())
    expect((await record())?.tokens?.subject).toBe('alice')
    await sibling().setTokens({ access_token: 'unknown', expires_in: 3600 })
    await clock.advance(0)
    expect((await tokens.getAccessToken()).accessToken).toBe('unknown')
  })
})

describe('whose tokens they are', () => {
  test('setTokens() says it, or the ID token, or a later one', async () => {
    const { clock, server, tokens, record } = await scene({ signedIn: false })
    const subject = async () => (await record())?.tokens?.subject
    await tokens.setTokens(signedInAs('alice'), { subject: 'tenant-1/alice' })
    expect(await subject()).toBe('tenant-1/alice')
    await tokens.setTokens(server.signIn())
    expect(await subject()).toBeUndefined()
    server.next((redeem) => ({ ...redeem(), id_token: idToken('zoë') }))
    await clock.advance(hour)
    await outcome(clock, tokens.getAccessToken())
    expect(await subject()).toBe('zoë')
    await expect(tokens.setTokens(signedInAs('x'), { subject: '' })).rejects.toMatchObject({ code: 'invalid_option' })
  })

  test.each([
    ['nothing', undefined],
    ['a number', 7],
    ['no JWT', 'x'],
    ['an encrypted one', 'a.b.c.d.e'],
    ['no JSON', `${base64url({})}.${btoa('{').replaceAll('=', '')}.`],
    ['null', `x.${base64url(null)}.`],
    ['a subject that is no string', idToken(7)],
    ['an empty subject', idToken('')],
    ['an endless subject', idToken('x'.repeat(256))],
    ['an endless token', idToken('x').padEnd(70_000, 'x')],
  ])('%s says nothing', (_, token) => {
    expect(subjectOf(token)).toBeUndefined()
  })

  test('any subject that OpenID Connect allows is read', () => {
    for (const sub of ['a', '248289761001', 'auth0|5f7c8ec7c33c6c004bbafe82', 'x'.repeat(255), '漢字?>~'])
      expect(subjectOf(idToken(sub))).toBe(sub)
  })
})
