import { createClock } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import {
  createTokenManager,
  createTokenManagers,
  defineGrant,
  defineProve,
  defineRevoke,
  forResource,
  type Grant,
  memoryStore,
} from '../src/index.ts'
import { hour, outcome } from './kit.ts'
import { refused, signedIn, tenant } from './token-managers-kit.ts'

const tenantOf = (key: string) => key.split(':', 1)[0] ?? ''

describe('F5: tenants with authorization servers of their own', () => {
  test.each(['at once', 'later'])(
    'each key is refreshed by the grant of its tenant, which is known %s',
    async (when) => {
      const grants: Record<string, Grant> = { acme: tenant('acme').grant, globex: tenant('globex').grant }
      const managers = createTokenManagers({
        grantFor: (key) => {
          const grant = grants[tenantOf(key)] ?? tenant('unknown').grant
          return when === 'later' ? Promise.resolve(grant) : grant
        },
      })
      for (const key of ['acme:1', 'acme:2', 'globex:1']) await managers.for(key).setTokens(signedIn)
      const keys = ['acme:1', 'globex:1', 'acme:1', 'acme:2']
      const told = await Promise.all(keys.map((key) => managers.for(key).getAccessToken(refused)))
      expect(told.map(({ accessToken }) => accessToken)).toEqual(['acme-1', 'globex-1', 'acme-1', 'acme-2'])
      await managers.close()
    },
  )

  test('it is asked once for all who wait, not again while the credential is in memory, and again after that', async () => {
    const asked: string[] = []
    const answer = Promise.withResolvers<Grant>()
    const store = memoryStore()
    await createTokenManager({ grant: tenant('acme').grant, store, key: 'a' }).setTokens({ access_token: 'x' })
    const managers = createTokenManagers({
      store,
      maxIdle: 1,
      grantFor: (key) => {
        asked.push(key)
        return answer.promise
      },
    })
    const others = Array.from({ length: 20 }, () => managers.for('a').getAccessToken())
    expect(asked).toEqual(['a'])
    answer.resolve(tenant('acme').grant)
    for (const other of others) expect((await other).accessToken).toBe('x')
    await managers.for('a').getAccessToken()
    expect(asked).toEqual(['a'])
    await managers.for('b').setTokens({ access_token: 'y' })
    await managers.for('a').getAccessToken()
    expect(asked).toEqual(['a', 'b', 'a'])
    await managers.close()
  })

  test('where it answers at once, a call while the token is valid waits for nothing', async () => {
    const { grant } = tenant('acme')
    const managers = createTokenManagers({ grantFor: () => grant })
    const tokens = managers.for('acme:1')
    await tokens.setTokens({ access_token: 'x', expires_in: 3600 })
    expect(tokens.getAccessToken()).toBe(tokens.getAccessToken())
    await managers.close()
  })

  test("a tenant's grant brings its own habits", async () => {
    const clock = createClock()
    const grants = { early: tenant('early', { policy: { refreshBefore: hour / 3 } }), late: tenant('late') }
    const managers = createTokenManagers({
      timing: clock,
      softWindow: false,
      grantFor: async (key) => (key === 'early' ? grants.early.grant : grants.late.grant),
    })
    for (const key of ['early', 'late']) await managers.for(key).setTokens(signedIn)
    await clock.advance((hour * 3) / 4)
    for (const key of ['early', 'late']) await managers.for(key).getAccessToken()
    expect([grants.early.counted.requests, grants.late.counted.requests]).toEqual([1, 0])
    await managers.close()
  })

  test('further audiences, renewals and sign-outs ask it too; a key of its own proves possession', async () => {
    const prove = defineProve(async () => 'a.b.c')
    const grants = { bound: tenant('bound', { prove }), plain: tenant('plain') }
    const asked: string[] = []
    const managers = createTokenManagers({
      maxIdle: 1,
      grantFor: async (key) => {
        asked.push(key)
        return key === 'bound' ? grants.bound.grant : grants.plain.grant
      },
    })
    const [bound, plain] = [managers.for('bound'), managers.for('plain')]
    await bound.setTokens(signedIn)
    await plain.setTokens(signedIn)
    const mail = forResource(bound, 'https://mail.example.com')
    expect((await mail.getAccessToken()).accessToken).toBe('bound-1')
    expect((await plain.renew()).accessToken).toBe('plain-1')
    expect([bound.prove, mail.prove, plain.prove]).toEqual([prove, prove, undefined])
    await bound.clearTokens()
    expect(asked).toEqual(['bound', 'plain', 'bound', 'plain', 'bound'])
    await managers.close()
  })

  test('tokens are ended where they came from', async () => {
    const ended: unknown[] = []
    const managers = createTokenManagers({
      grantFor: () => tenant('acme').grant,
      revoke: defineRevoke(async ({ key, tokens }) => void ended.push([key, tokens.accessToken])),
    })
    await managers.for('acme:1').setTokens({ access_token: 'x' })
    await managers.for('acme:1').clearTokens()
    expect(ended).toEqual([['acme:1', 'x']])
    await managers.close()
  })
})

describe('nobody waits for another key', () => {
  const fast = Array.from({ length: 200 }, (_, n) => `fast:${n}`)
  const never = () => new Promise<never>(() => {})

  test.each<[string, (key: string) => boolean]>([
    ['authorization server', (what) => what === 'grant'],
    ['grant lookup', (what) => what === 'lookup'],
    ['store key', (what) => what === 'store'],
  ])('a tenant whose %s hangs does not hold up 200 others, however few fit in memory', async (_, hangs) => {
    const clock = createClock()
    const inner = memoryStore()
    const slow = (key: string, what: string) => stuck && key.startsWith('slow') && hangs(what)
    let stuck = false
    const grants: Record<string, Grant> = {
      fast: tenant('fast').grant,
      slow: defineGrant((request) => (slow('slow', 'grant') ? never() : tenant('slow').grant(request))),
    }
    const managers = createTokenManagers({
      timing: clock,
      maxIdle: 10,
      store: { ...inner, read: (key) => (slow(key, 'store') ? never() : inner.read(key)) },
      grantFor: async (key) => (slow(key, 'lookup') ? never() : (grants[tenantOf(key)] ?? tenant('none').grant)),
    })
    const hanging = Array.from({ length: 20 }, (_, n) => `slow:${n}`)
    for (const key of [...hanging, ...fast]) await managers.for(key).setTokens(signedIn)
    stuck = true
    const stuckCalls = hanging.map((key) => managers.for(key).getAccessToken(refused))
    for (const call of stuckCalls) call.catch(() => {})
    // No time passes at all, so that whoever waits for anything waits for ever.
    const told = await Promise.all(fast.map((key) => managers.for(key).getAccessToken(refused)))
    expect(told.every(({ accessToken }) => accessToken.startsWith('fast-'))).toBe(true)
    const ended = Promise.allSettled(stuckCalls)
    const results = await outcome(clock, ended)
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    await outcome(clock, managers.close())
  })
})
