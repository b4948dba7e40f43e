import { createTokenManager, type TokenManager, type TokenSource } from '@tokenflight/core'
import { type ClientSecret, clientCredentialsGrant } from '@tokenflight/oauth'
import { type AuthorizationServer, type Clock, createClock, startAuthorizationServer } from '@tokenflight/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AdapterFixture, fixtures } from './fixtures/index.ts'
import { openApi, openClient } from './scene.ts'

/** Milliseconds of injected time between two requests: 200 a second. */
const tick = 5
const requests = 600
/** By request: a new secret, the end of the one before, and the same once more. */
const schedule = { secondComes: 100, firstDies: 220, thirdComes: 340, secondDies: 460 }
/** The old secret dies as the new one comes. */
const withoutOverlap = { ...schedule, firstDies: 101, secondDies: 341 }

interface Scene {
  server: AuthorizationServer
  clock: Clock
  apiUrl: string
  /** What the operator has configured, newest first. */
  configured: string[]
  /** Called for each change of it. */
  onChange: (change: () => void) => void
  rotate(secret: string): void
}

async function openScene(accessTokenLifetime: number): Promise<Scene> {
  const clock = createClock()
  const clients = { service: { secrets: ['secret-1'] } }
  const server = await startAuthorizationServer({ clients, accessTokenLifetime, clock: clock.now })
  onTestFinished(() => server.close())
  const api = await openApi({ authorizationServer: server })
  const changes: (() => void)[] = []
  const scene: Scene = {
    server,
    clock,
    apiUrl: api.url,
    configured: ['secret-1'],
    onChange: (change) => void changes.push(change),
    rotate(secret) {
      server.rotateSecret(secret)
      scene.configured = [secret, ...scene.configured].slice(0, 2)
      for (const change of changes) change()
    },
  }
  return scene
}

/** A service, and for every request how many token requests were answered while it waited for its token. */
async function openService(scene: Scene, clientSecret: ClientSecret) {
  const { server, clock } = scene
  const tokens = createTokenManager({
    grant: clientCredentialsGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'service', clientSecret }),
    timing: clock,
    refreshBefore: 100,
    softWindow: [0.5, 0.6],
    // The two changes are a second apart here, not weeks: to be refused twice in that time is no API that refuses everything.
    coolDown: 500,
  })
  onTestFinished(() => tokens.close())
  await tokens.getAccessToken()
  const waits: number[] = []
  const answered = () => server.requests.filter(({ phase }) => phase === 'answered').length
  const source: TokenSource = {
    async getAccessToken(options) {
      const before = answered()
      const token = await tokens.getAccessToken(options)
      waits.push(answered() - before)
      return token
    },
  }
  return { tokens, source, waits }
}

/**
 * An open loop: a request per tick, whatever has become of the others, while the secret changes twice. Paced by events, so that time does
 * not run away from a slow machine: a token request takes 8 ticks at the most.
 */
async function stream(
  { server, clock, rotate }: Scene,
  send: (n: number) => Promise<{ status: number }>,
  revokeTokens: boolean,
  { secondComes, firstDies, thirdComes, secondDies } = schedule,
): Promise<number[]> {
  const events = new Map<number, () => void>([
    [secondComes, () => rotate('secret-2')],
    [firstDies, () => server.killSecret('secret-1', { revokeTokens })],
    [thirdComes, () => rotate('secret-3')],
    [secondDies, () => server.killSecret('secret-2', { revokeTokens })],
  ])
  const calls: Promise<number>[] = []
  const underWay = new Set<Promise<number>>()
  let since: { number: number; ticks: number } | undefined
  for (let n = 0; n < requests; n++) {
    events.get(n)?.()
    const call = send(n).then(
      ({ status }) => status,
      () => 0,
    )
    calls.push(call)
    underWay.add(call)
    void call.then(() => underWay.delete(call))
    if (underWay.size >= 32) await Promise.race(underWay)

    const open = server.requests.findLast(({ phase }) => phase === 'arrived' || phase === 'processed')
    if (open !== undefined) {
      since = since?.number === open.number ? { ...since, ticks: since.ticks + 1 } : { number: open.number, ticks: 1 }
      if (since.ticks > 8) await server.waitFor(({ number, phase }) => number === open.number && phase === 'answered')
    }
    await clock.advance(tick)
  }
  return Promise.all(calls)
}

const failed = (statuses: number[]) => statuses.filter((status) => status !== 200).length

/** A stream through one adapter. */
async function run(
  fixture: AdapterFixture,
  options: {
    lifetime: number
    revokeTokens: boolean
    times?: typeof schedule
    clientSecret?: (scene: Scene) => ClientSecret
    changed?: (tokens: TokenManager) => void
  },
) {
  const scene = await openScene(options.lifetime)
  const { tokens, source, waits } = await openService(scene, options.clientSecret?.(scene) ?? (() => scene.configured))
  scene.onChange(() => options.changed?.(tokens))
  const client = openClient(fixture, source, { origins: scene.apiUrl })
  const send = (n: number) => client.send({ url: `${scene.apiUrl}/${n}` })
  const statuses = await stream(scene, send, options.revokeTokens, options.times)
  const { server } = scene
  return { server, failed: failed(statuses), waits, waited: waits.filter((behind) => behind > 0).length }
}

describe.each(fixtures)('R14 the client secret changes twice under 200 requests a second, $name', (fixture) => {
  it('and the tokens of a dead secret live on: no request fails, and none waits for a token', async () => {
    // Short lives: tokens are renewed all the time, behind the requests.
    const { server, failed, waited } = await run(fixture, { lifetime: 1, revokeTokens: false })
    expect({ failed, waited }).toEqual({ failed: 0, waited: 0 })
    expect(server.tokenRequests).toBeGreaterThan(3)
    expect(server.clientFailures).toBeLessThanOrEqual(2)
  })

  it('without overlap, and the configuration is one reading behind: one more token request a change, and nobody waits', async () => {
    const behind = (scene: Scene) => {
      let cached = scene.configured.slice(0, 1)
      return () => {
        const answer = cached
        cached = scene.configured.slice(0, 1)
        return answer
      }
    }
    const options = { lifetime: 1, revokeTokens: false, times: withoutOverlap, clientSecret: behind }
    const { server, failed, waited } = await run(fixture, options)
    expect({ failed, waited }).toEqual({ failed: 0, waited: 0 })
    expect(server.clientFailures).toBe(2)
  })

  it('and its tokens die with it: no request fails, and none waits for more than one token request', async () => {
    const { server, failed, waits } = await run(fixture, { lifetime: 3600, revokeTokens: true })
    expect(failed).toBe(0)
    expect(Math.max(...waits)).toBe(1)
    // One for each secret.
    expect([server.tokenRequests, server.clientFailures]).toEqual([3, 0])
  })

  it('and its tokens die with it, after renew(): the new token is there before the old one ends, and nobody waits', async () => {
    const { server, failed, waited } = await run(fixture, {
      lifetime: 3600,
      revokeTokens: true,
      changed: (tokens) => void tokens.renew(),
    })
    expect({ failed, waited }).toEqual({ failed: 0, waited: 0 })
    expect([server.tokenRequests, server.clientFailures]).toEqual([3, 0])
  })
})

describe('the same stream without any of this', () => {
  it('fails: a request wrapper that reads its secret at the start asks with it for ever', async () => {
    const scene = await openScene(3600)
    const { server, apiUrl } = scene
    const [secret = ''] = scene.configured
    let token = ''
    const authenticate = async () => {
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'service',
        client_secret: secret,
      })
      const answer: unknown = await (await fetch(server.tokenEndpoint, { method: 'POST', body })).json()
      if (answer !== null && typeof answer === 'object' && 'access_token' in answer) token = String(answer.access_token)
    }
    const send = async (n: number) => {
      const ask = () => fetch(`${apiUrl}/${n}`, { headers: { authorization: `Bearer ${token}` } })
      const first = await ask()
      await first.body?.cancel()
      if (first.status !== 401) return first
      await authenticate()
      const second = await ask()
      await second.body?.cancel()
      return second
    }
    await authenticate()
    const statuses = await stream(scene, send, true)
    expect(failed(statuses)).toBeGreaterThanOrEqual(requests - schedule.firstDies - 32)
    expect(server.clientFailures).toBeGreaterThan(requests / 3)
  })
})
