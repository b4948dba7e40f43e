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
  keepFresh,
  memoryStore,
  TokenError,
  type TokenManagersOptions,
} from '../src/index.ts'
import { hour, outcome, settle } from './kit.ts'

/** The grant of a tenant: what it answers names the tenant. */
function tenant(name: string, traits: Partial<Grant> = {}) {
  const counted = { requests: 0 }
  const grant = defineGrant(async () => {
    const serial = ++counted.requests
    return { access_token: `${name}-${serial}`, refresh_token: `r-${serial}`, expires_in: 3600 }
  }, traits)
  return { grant, counted }
}

const signedIn = { access_token: 'old', refresh_token: 'r', expires_in: 3600 }
const refused = { rejected: 'old' }
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

describe('a grant that cannot be looked up', () => {
  const down = () => {
    throw new Error('the vault is sealed')
  }

  test.each<[string, () => Grant | Promise<Grant>]>([
    ['throws', down],
    ['rejects', async () => down()],
  ])('and %s: all who wait are told, with what to do, and the next caller asks again', async (_, fail) => {
    let sealed = true
    let asked = 0
    const { grant } = tenant('acme')
    const managers = createTokenManagers({
      grantFor: () => {
        asked++
        return sealed ? fail() : grant
      },
    })
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => managers.for('acme:1').getAccessToken()))
    for (const result of results) {
      expect(result).toMatchObject({
        reason: {
          code: 'temporarily_unavailable',
          retryable: true,
          message: expect.stringMatching(/`grantFor` failed.*acme:1.*Try again later/),
          cause: expect.objectContaining({ message: 'the vault is sealed' }),
        },
      })
    }
    expect(asked).toBe(1)
    sealed = false
    await managers.for('acme:1').setTokens(signedIn)
    expect((await managers.for('acme:1').getAccessToken(refused)).accessToken).toBe('acme-1')
    expect(asked).toBe(2)
    await managers.close()
  })

  test('says so itself with a TokenError', async () => {
    const unknown = new TokenError('no_credential', 'There is no such tenant.')
    const managers = createTokenManagers({ grantFor: () => Promise.reject(unknown) })
    await expect(managers.for('x').getAccessToken()).rejects.toBe(unknown)
    await expect(managers.for('x').clearTokens()).rejects.toBe(unknown)
    await managers.close()
  })

  test.each([undefined, null, {}, 'acme', Promise.resolve(undefined)])('because %j is none', async (answer) => {
    const managers = createTokenManagers({ grantFor: () => answer as unknown as Grant })
    await expect(managers.for('x').getAccessToken()).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(/`grantFor` returned is no grant \(key "x"\)/),
    })
    await managers.close()
  })

  test('because nobody answers: callers may leave at any time, and are told after half a minute', async () => {
    const clock = createClock()
    let hangs = true
    const { grant } = tenant('acme')
    let asked = 0
    const managers = createTokenManagers({
      timing: clock,
      grantFor: () => {
        asked++
        return hangs ? new Promise<Grant>(() => {}) : grant
      },
    })
    await expect(managers.for('a').getAccessToken({ signal: AbortSignal.abort() })).rejects.toThrow('abort')
    expect(asked).toBe(0)
    const leaver = new AbortController()
    const leaving = managers.for('a').getAccessToken({ signal: leaver.signal })
    const staying = settle(clock, managers.for('a').getAccessToken())
    leaver.abort(new Error('navigated away'))
    await expect(leaving).rejects.toThrow('navigated away')
    expect(await staying).toMatchObject({
      reason: { code: 'temporarily_unavailable', message: expect.stringMatching(/has not answered within 30 seconds/) },
    })
    hangs = false
    await managers.for('a').setTokens(signedIn)
    expect((await outcome(clock, managers.for('a').getAccessToken(refused))).accessToken).toBe('acme-1')
    await managers.close()
    expect(clock.pending).toBe(0)
  })

  test('leaves keepFresh() running: it looks again within a minute', async () => {
    const clock = createClock()
    let sealed = true
    const { grant, counted } = tenant('acme')
    const managers = createTokenManagers({
      timing: clock,
      softWindow: false,
      grantFor: async () => (sealed ? down() : grant),
    })
    const kept = keepFresh(managers.for('a'))
    await clock.advance(hour)
    sealed = false
    await managers.for('a').setTokens({ ...signedIn, expires_in: 60 })
    await clock.advance(120_000)
    expect(counted.requests).toBe(1)
    kept.stop()
    await managers.close()
    expect(clock.pending).toBe(0)
  })

  test('who closes meanwhile is not kept waiting, and nobody gets a credential after that', async () => {
    const answer = Promise.withResolvers<Grant>()
    const managers = createTokenManagers({ grantFor: () => answer.promise })
    const asked = managers.for('a').getAccessToken()
    await managers.close()
    answer.resolve(tenant('acme').grant)
    await expect(asked).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('wrong options of many are named', () => {
  const { grant } = tenant('x')
  test.each<[string, object, RegExp]>([
    ['neither', {}, /`grant` must be a function.*or `grantFor`/],
    ['both', { grant, grantFor: () => grant }, /`grant` or `grantFor`, not both/],
    [
      'a grantFor that is none',
      { grantFor: grant({ previous: undefined, signal: new AbortController().signal }) },
      /grantFor/,
    ],
    ['a grant that is none', { grant: {} }, /`grant` must be a function/],
    ['maxIdleTime 0', { grant, maxIdleTime: 0 }, /`maxIdleTime` must be a number of milliseconds, more than zero/],
    ['maxIdleTime in words', { grant, maxIdleTime: '1h' }, /`maxIdleTime`/],
    ['a store that is none', { grantFor: () => grant, store: {} }, /`store`/],
  ])('%s', (_, options, message) => {
    expect(() => createTokenManagers(options as TokenManagersOptions)).toThrow(
      expect.objectContaining({ code: 'invalid_option', message: expect.stringMatching(message) }),
    )
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
