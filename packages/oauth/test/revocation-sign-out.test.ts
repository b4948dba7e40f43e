import { inspect } from 'node:util'
import {
  createTokenManager,
  defineRevoke,
  type GrantRequest,
  isTokenError,
  memoryStore,
  TokenError,
  type TokenEvent,
  type TokenManagerOptions,
  type TokenResponse,
  type TokenStore,
} from '@tokenflight/core'
import { refreshTokenGrant, revocation } from '@tokenflight/oauth'
import { type AuthorizationServer, createClock, startAuthorizationServer } from '@tokenflight/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { deferred } from './calls.ts'

/** Managers that share a store, as processes do, with a user signed in. */
async function scene(options: Partial<TokenManagerOptions> = {}) {
  const server = await startAuthorizationServer()
  const { tokenEndpoint, revocationEndpoint } = server
  const client = { tokenEndpoint, revocationEndpoint, clientId: 'app' }
  const store = memoryStore()
  const clock = createClock()
  const events: TokenEvent[] = []
  const open = () => {
    const manager = createTokenManager({
      store,
      timing: clock,
      grant: refreshTokenGrant(client),
      revoke: revocation(client),
      onEvent: (event) => void events.push(event),
      ...options,
    })
    onTestFinished(() => manager.close())
    return manager
  }
  onTestFinished(() => server.close())
  const tokens = open()
  const signedIn = await server.signIn()
  await tokens.setTokens(signedIn)
  return { server, store, clock, events, open, tokens, signedIn }
}

const told = (events: readonly TokenEvent[]) =>
  events.map(({ type }) => type).filter((type) => /^(signed_out|revo)/.test(type))

/** Whether anything that this server has ever issued can still be used. */
const anythingLives = (server: AuthorizationServer) =>
  server.state().grants.some(({ alive }) => alive) ||
  [...server.issued].some((token) => server.introspect(token).active)

describe('R13 signing out', () => {
  test('ends at the authorization server what was stored, and says so', async () => {
    const { server, store, events, tokens, signedIn } = await scene()
    await tokens.clearTokens()
    expect((await store.read('default')).record).toBeUndefined()
    expect(server.revocations.map(({ token }) => token)).toEqual([signedIn.refresh_token, signedIn.access_token])
    expect(anythingLives(server)).toBe(false)
    expect(told(events)).toEqual(['signed_out', 'revoked'])
  })

  test('ends the refresh token that is stored, not the one that this process remembers', async () => {
    const { server, clock, open, tokens } = await scene()
    await tokens.getAccessToken()
    await clock.advance(3_600_000)
    const { accessToken } = await open().getAccessToken()
    await tokens.clearTokens()
    const [refresh, access] = server.revocations
    expect(server.presentations(refresh?.token ?? '')).toEqual([])
    expect(access?.token).toBe(accessToken)
    expect(anythingLives(server)).toBe(false)
  })

  test('ends what a sibling stores while it is being removed', async () => {
    const memory = memoryStore()
    let overtake = false
    const store: TokenStore = {
      read: (key) => memory.read(key),
      async compareAndSet(key, version, record) {
        if (record === undefined && overtake) {
          overtake = false
          const { record: current } = await memory.read(key)
          if (current?.tokens === undefined) throw new Error('nothing is stored')
          const tokens = { ...current.tokens, accessToken: 'A1', refreshToken: 'R1' }
          await memory.compareAndSet(key, version, { ...current, revision: current.revision + 1, tokens })
        }
        return memory.compareAndSet(key, version, record)
      },
    }
    const { server, tokens } = await scene({ store })
    overtake = true
    await tokens.clearTokens()
    expect(server.revocations.map(({ token }) => token)).toEqual(['R1', 'A1'])
    expect((await memory.read('default')).record).toBeUndefined()
  })

  test('of nobody asks nobody', async () => {
    const { server, tokens } = await scene()
    await tokens.clearTokens()
    await tokens.clearTokens()
    expect(server.revocations).toHaveLength(2)
  })

  test('without the option removes what is stored, and no more', async () => {
    const { server, store, tokens } = await scene({ revoke: undefined })
    await tokens.clearTokens()
    expect((await store.read('default')).record).toBeUndefined()
    expect(server.revocations).toEqual([])
  })
})

describe('R13 signing out while a refresh is under way', () => {
  // A server that does not end the whole grant: only what it is asked to end.
  async function underWay(processes: 'one process' | 'two processes') {
    const answer = deferred<TokenResponse>()
    const asked = deferred<GrantRequest>()
    const revoked: (string | undefined)[] = []
    const revoke = defineRevoke(
      async ({ tokens: { refreshToken, accessToken } }) => void revoked.push(refreshToken, accessToken),
    )
    const grant = Object.assign((request: GrantRequest) => {
      asked.resolve(request)
      return answer.promise
    })
    const { clock, store, events, open, tokens, signedIn } = await scene({ grant, revoke })
    await clock.advance(3_600_000)
    const other = processes === 'one process' ? tokens : open()
    const waiting = tokens.getAccessToken().catch((error: unknown) => error)
    await asked.promise
    const signingOut = other.clearTokens()
    const rotated = { access_token: 'A1', refresh_token: 'R1', expires_in: 3600 }
    return { answer, rotated, revoked, store, events, tokens, signedIn, waiting, signingOut, other }
  }

  test.each(['one process', 'two processes'] as const)(
    'ends what the refresh brings as well, and gives it to nobody, in %s',
    async (processes) => {
      const { answer, rotated, revoked, store, tokens, signedIn, waiting, signingOut } = await underWay(processes)
      if (processes === 'two processes') await signingOut
      answer.resolve(rotated)
      await signingOut
      expect(await waiting).toMatchObject({ code: 'no_credential' })
      await tokens.close()
      expect(revoked).toEqual([signedIn.refresh_token, signedIn.access_token, 'R1', 'A1'])
      expect((await store.read('default')).record).toBeUndefined()
    },
  )

  test('is not over before that', async () => {
    const { answer, rotated, revoked, events, signingOut } = await underWay('one process')
    let over = false
    void signingOut.then(() => {
      over = true
    })
    while (!told(events).includes('revoked')) await Promise.resolve()
    expect(over).toBe(false)
    answer.resolve(rotated)
    await signingOut
    expect(revoked).toHaveLength(4)
  })

  test('leaves the tokens of a sign-in that follows alone', async () => {
    const { answer, rotated, revoked, store, tokens, signingOut, signedIn } = await underWay('two processes')
    await signingOut
    await tokens.setTokens({ access_token: 'A2', refresh_token: 'R2', expires_in: 3600 })
    answer.resolve(rotated)
    expect(await tokens.getAccessToken()).toMatchObject({ accessToken: 'A2' })
    await tokens.close()
    expect(revoked).toEqual([signedIn.refresh_token, signedIn.access_token])
    expect((await store.read('default')).record?.tokens).toMatchObject({ refreshToken: 'R2' })
  })

  test('at a server that rotates, nothing that was issued lives on', async () => {
    const { server, clock, tokens } = await scene()
    await clock.advance(3_600_000)
    const held = server.hold('after')
    const waiting = tokens.getAccessToken().catch((error: unknown) => error)
    await held.arrived
    const signingOut = tokens.clearTokens()
    held.release()
    await signingOut
    expect(isTokenError(await waiting)).toBe(true)
    expect(server.issued.size).toBe(2)
    expect(anythingLives(server)).toBe(false)
  })
})

describe('signing out clears here whatever happens there', () => {
  test('a server that does not confirm: signed out, an error and an event say so, without secrets', async () => {
    const { server, store, events, tokens, signedIn } = await scene({
      revoke: defineRevoke(async ({ tokens: { refreshToken } }) => {
        throw Object.assign(new Error(`no ${refreshToken}`), { status: 500 })
      }),
    })
    const failure = await caught(tokens.clearTokens())
    expect(failure).toBeInstanceOf(TokenError)
    expect(failure).toMatchObject({ code: 'revocation_failed', status: 500, retryable: false })
    expect(inspect(failure, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(
      signedIn.refresh_token,
    )
    expect((await store.read('default')).record).toBeUndefined()
    expect(await caught(tokens.getAccessToken())).toMatchObject({ code: 'no_credential' })
    expect(told(events)).toEqual(['signed_out', 'revocation_failed'])
    expect(server.tokenRequests).toBe(0)
  })

  test('an error that cannot even be read is one like any other', async () => {
    const hostile = Object.defineProperty({}, 'outcome', {
      get() {
        throw new Error('no')
      },
    })
    const { tokens } = await scene({ revoke: defineRevoke(() => Promise.reject(hostile)) })
    expect(await caught(tokens.clearTokens())).toMatchObject({ code: 'revocation_failed' })
  })

  test('a server that never answers is waited for as long as for a token request', async () => {
    const begun = deferred<AbortSignal>()
    const revoke = defineRevoke(({ signal }) => {
      begun.resolve(signal)
      return new Promise(() => {})
    })
    const { clock, store, tokens } = await scene({ revoke })
    const failure = caught(tokens.clearTokens())
    const signal = await begun.promise
    expect((await store.read('default')).record).toBeUndefined()
    await clock.advance(10_000)
    expect(await failure).toMatchObject({ code: 'revocation_failed' })
    expect(signal.aborted).toBe(true)
  })

  test('a store that does not say whether it has removed the tokens: they end all the same', async () => {
    const memory = memoryStore()
    let broken = false
    const store: TokenStore = {
      read: (key) => memory.read(key),
      async compareAndSet(key, version, record) {
        if (broken) throw new Error('the connection was lost')
        return memory.compareAndSet(key, version, record)
      },
    }
    const { server, tokens } = await scene({ store })
    broken = true
    expect(await caught(tokens.clearTokens())).toMatchObject({ code: 'store_failed' })
    await tokens.close()
    expect(server.revocations).toHaveLength(2)
    expect(anythingLives(server)).toBe(false)
  })
})

test.each(['yes', async () => {}])('a revoke that is none fails at set-up: %s', (revoke) => {
  const options = { grant: async () => ({ access_token: 'A' }), revoke: revoke as never }
  expect(() => createTokenManager(options)).toThrow(/`revoke` must be made by revocation\(\) or defineRevoke\(\)/)
})

async function caught(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (thrown) {
    return thrown
  }
}
