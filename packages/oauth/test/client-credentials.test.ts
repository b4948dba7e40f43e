import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTokenManager, type TokenManager } from '@tokenflight/core'
import { type ClientSecret, clientCredentialsGrant } from '@tokenflight/oauth'
import { fileStore } from '@tokenflight/store-file'
import { type AuthorizationServer, createClock, startAuthorizationServer } from '@tokenflight/testing'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { failureOf } from './calls.ts'
import { type OidcServer, secret, startOidcServer } from './oidc-server.ts'

let server: OidcServer
beforeAll(async () => {
  server = await startOidcServer()
})
afterAll(() => server.close())

const request = { previous: undefined, signal: new AbortController().signal }

describe('client credentials at a real authorization server', () => {
  test('a secret brings an access token that the server has signed', async () => {
    const grant = clientCredentialsGrant({
      issuer: server.issuer,
      clientId: 'service',
      clientSecret: secret,
      scope: 'api',
      parameters: { resource: 'urn:api' },
    })
    const answer = await grant(request)
    const keys = createRemoteJWKSet(new URL(`${server.issuer}/jwks`))
    const { payload } = await jwtVerify(answer.access_token, keys, { issuer: server.issuer, audience: 'urn:api' })
    expect(payload).toMatchObject({ client_id: 'service', scope: 'api' })
    expect(answer).toMatchObject({ expires_in: 60, token_type: 'Bearer' })
    expect(answer.refresh_token).toBeUndefined()
  })

  test('a private key brings a token as often as it is asked', async () => {
    const grant = clientCredentialsGrant({
      issuer: server.issuer,
      clientId: 'keyed-service',
      privateKey: server.privateKey,
    })
    const answers = [await grant(request), await grant(request)]
    expect(new Set(answers.map(({ access_token }) => access_token)).size).toBe(2)
  })

  test('a wrong secret is refused', async () => {
    const grant = clientCredentialsGrant({ issuer: server.issuer, clientId: 'service', clientSecret: 'wrong' })
    expect(await failureOf(grant(request))).toMatchObject({ outcome: 'refused', error: 'invalid_client' })
  })

  test('it says of itself that it spends nothing and needs nothing stored', () => {
    const grant = clientCredentialsGrant({ issuer: server.issuer, clientId: 'service', clientSecret: secret })
    expect({ ...grant }).toEqual({ singleUse: false, needsTokens: false })
  })
})

const pods = 4
const hour = 3_600_000

async function openService(): Promise<{ service: AuthorizationServer; file: string }> {
  const service = await startAuthorizationServer({ clients: { service: { secrets: ['example only'] } } })
  const directory = await mkdtemp(join(tmpdir(), 'tokenflight-pods-'))
  onTestFinished(async () => {
    await service.close()
    await rm(directory, { recursive: true, force: true })
  })
  return { service, file: join(directory, 'token.json') }
}

/** Managers on one store, as the copies of a service have them; time is in the test's hand. */
async function openManagers(clientSecret: ClientSecret = 'example only') {
  const { service, file } = await openService()
  const clock = createClock()
  const { tokenEndpoint } = service
  const managers = Array.from({ length: pods }, () =>
    createTokenManager({
      store: fileStore(file),
      timing: { now: clock.now },
      softWindow: false,
      grant: clientCredentialsGrant({ tokenEndpoint, clientId: 'service', clientSecret }),
    }),
  )
  onTestFinished(() => Promise.all(managers.map((manager) => manager.close())).then(() => {}))
  return { service, clock, managers }
}

async function tokensOf(managers: readonly TokenManager[]): Promise<string[]> {
  const answers = await Promise.all(managers.map((manager) => manager.getAccessToken()))
  return [...new Set(answers.map(({ accessToken }) => accessToken))]
}

describe('client credentials of a service that runs many times', () => {
  test('several managers on one store: one token request per expiry', async () => {
    const { service, clock, managers } = await openManagers()
    for (const expiry of [1, 2, 3]) {
      expect(await tokensOf([...managers, ...managers])).toEqual([service.requests.at(-1)?.accessToken])
      expect(service.tokenRequests).toBe(expiry)
      clock.step(hour)
    }
  })

  test('several processes on one store: one token request per expiry', async () => {
    const { service, file } = await openService()
    const execArgv = ['--conditions=@tokenflight/source']
    const start = async () => {
      const pod = fork(fileURLToPath(new URL('pod.ts', import.meta.url)), [file, service.tokenEndpoint], { execArgv })
      onTestFinished(async () => {
        const exit = once(pod, 'exit')
        pod.disconnect()
        await exit
      })
      await once(pod, 'message')
      return pod
    }
    const ask = async (pod: ChildProcess, passed: number) => {
      const answer = once(pod, 'message')
      pod.send(passed)
      return (await answer)[0]
    }
    const processes = await Promise.all(Array.from({ length: pods }, start))
    for (const [expiries, passed] of [0, hour, hour].entries()) {
      const answers = await Promise.all(processes.map((pod) => ask(pod, passed)))
      expect(answers).toEqual(processes.map(() => [service.requests.at(-1)?.accessToken]))
      expect(service.tokenRequests).toBe(expiries + 1)
    }
  })

  test('R14 renew() after a new secret makes before it breaks: everybody is served the old token until the new one is kept', async () => {
    let secret = 'example only'
    const { service, managers } = await openManagers(() => secret)
    const [old] = await tokensOf(managers)
    service.rotateSecret('new one')
    secret = 'new one'
    const held = service.hold('after')
    const renewed = Promise.all(Array.from({ length: 5 }, async () => (await managers[0]?.renew())?.accessToken))
    await held.arrived
    expect(await tokensOf(managers)).toEqual([old])
    held.release()
    const [next, ...others] = new Set(await renewed)
    expect([others, next === old]).toEqual([[], false])
    expect((await managers[0]?.getAccessToken())?.accessToken).toBe(next)
    service.killSecret('example only', { revokeTokens: true })
    expect(service.introspect(next ?? '')).toMatchObject({ active: true })
    expect([service.tokenRequests, service.clientFailures]).toEqual([2, 0])
  })

  test('R14 a renew() that is refused is told to nobody else, and the old token goes on serving', async () => {
    let secret = 'example only'
    const { service, managers } = await openManagers(() => secret)
    await managers[0]?.getAccessToken()
    const [old] = await tokensOf(managers)
    service.killSecret('example only')
    secret = 'not yet known there'
    await expect(managers[0]?.renew()).rejects.toMatchObject({ code: 'invalid_client' })
    expect(await tokensOf(managers)).toEqual([old])
    // The new secret, and the one that had worked.
    expect([service.tokenRequests, service.clientFailures]).toEqual([3, 2])
  })
})
