import { createTokenManager, createTokenManagers, defineGrant, memoryStore, TokenError } from '@tokenflight/core'
import { withBearer } from '@tokenflight/fetch'
import { createClock, startResourceServer } from '@tokenflight/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withTelemetry } from '../src/index.ts'
import { startScene, startTelemetry } from './kit.ts'

describe('metrics', () => {
  test('ten callers are one refresh, nine joins and ten waits; whoever comes after them is none of these', async () => {
    const telemetry = startTelemetry()
    const { tokens: plain } = await startScene()
    const tokens = withTelemetry(plain, telemetry)
    await Promise.all(Array.from({ length: 10 }, () => tokens.getAccessToken()))
    for (let n = 0; n < 5; n++) await tokens.getAccessToken()
    expect(await telemetry.counted('tokenflight.refreshes')).toEqual([[1, {}]])
    expect(await telemetry.counted('tokenflight.refresh.duration')).toEqual([[1, {}]])
    expect(await telemetry.counted('tokenflight.joins')).toEqual([[9, {}]])
    expect(await telemetry.counted('tokenflight.wait.duration')).toEqual([[10, {}]])
    expect(await telemetry.counted('tokenflight.failures')).toEqual([])
  })

  test('durations are seconds', async () => {
    const telemetry = startTelemetry()
    const { server, tokens: plain } = await startScene()
    server.configure({ latencyBefore: 50 })
    await withTelemetry(plain, telemetry).getAccessToken()
    const durations = (await telemetry.exported()).filter(({ descriptor }) => descriptor.unit === 's')
    expect(durations.map(({ descriptor }) => descriptor.name)).toEqual([
      'tokenflight.refresh.duration',
      'tokenflight.wait.duration',
    ])
    for (const { dataPoints } of durations) {
      const { value } = dataPoints[0] ?? {}
      const sum = typeof value === 'object' && 'sum' in value ? (value.sum ?? 0) : 0
      expect(sum).toBeGreaterThan(0.04)
      expect(sum).toBeLessThan(10)
    }
  })

  test('counts have units in braces, as the semantic conventions write them', async () => {
    const telemetry = startTelemetry()
    const { tokens: plain } = await startScene()
    const tokens = withTelemetry(plain, telemetry)
    await Promise.all([tokens.getAccessToken(), tokens.getAccessToken()])
    const units = (await telemetry.exported()).map(({ descriptor }) => `${descriptor.name} ${descriptor.unit}`)
    expect(units).toEqual([
      'tokenflight.refreshes {refresh}',
      'tokenflight.refresh.duration s',
      'tokenflight.joins {caller}',
      'tokenflight.wait.duration s',
    ])
  })

  test('a failure is counted by its code, and so is the wait that it ended', async () => {
    const telemetry = startTelemetry()
    const { server, tokens: plain } = await startScene()
    server.next({ fault: 'answer', status: 400, body: '{"error":"invalid_grant"}' })
    const tokens = withTelemetry(plain, telemetry)
    await expect(tokens.getAccessToken()).rejects.toThrow(TokenError)
    const failed = { 'error.type': 'reauthorization_required' }
    const failures = await telemetry.counted('tokenflight.failures')
    expect(failures).toEqual([[1, { ...failed, 'tokenflight.refresh.background': false }]])
    expect(await telemetry.counted('tokenflight.wait.duration')).toEqual([[1, failed]])
    expect(await telemetry.counted('tokenflight.refresh.duration')).toEqual([[1, failed]])
    expect(await telemetry.counted('tokenflight.refreshes')).toEqual([])
  })

  test('a caller who leaves has waited all the same', async () => {
    const telemetry = startTelemetry()
    const { server, tokens: plain } = await startScene()
    const tokens = withTelemetry(plain, telemetry)
    const held = server.hold('before')
    const leaving = new AbortController()
    const asked = tokens.getAccessToken({ signal: leaving.signal })
    await held.arrived
    leaving.abort()
    await expect(asked).rejects.toThrow('aborted')
    held.release()
    await tokens.getAccessToken()
    const waits = await telemetry.counted('tokenflight.wait.duration')
    expect(waits).toContainEqual([1, { 'error.type': 'AbortError' }])
  })

  test('a refused token that was replaced is a rejection, and the request that is sent again is one refresh', async () => {
    const telemetry = startTelemetry()
    const { server, tokens: plain } = await startScene()
    const api = await startResourceServer({ authorizationServer: server })
    onTestFinished(() => api.close())
    const tokens = withTelemetry(plain, telemetry)
    const call = withBearer(fetch, tokens, { origins: api.url })
    await call(api.url)
    server.expireAccessTokens()
    const answers = await Promise.all([call(api.url), call(api.url), call(api.url)])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    const rejections = await telemetry.counted('tokenflight.rejections')
    expect(rejections).toEqual([[3, { 'tokenflight.rejection.replaced': true }]])
    expect(await telemetry.counted('tokenflight.refreshes')).toEqual([[2, {}]])
  })

  test('a token that a sibling has stored is an adoption', async () => {
    const telemetry = startTelemetry()
    const { tokens: plain, shared } = await startScene()
    const tokens = withTelemetry(plain, telemetry)
    const other = createTokenManager(shared)
    await other.getAccessToken()
    await other.close()
    await tokens.getAccessToken()
    expect(await telemetry.counted('tokenflight.adoptions')).toEqual([[1, {}]])
    expect(await telemetry.counted('tokenflight.refreshes')).toEqual([])
  })

  test('a takeover is counted with what was found out about the holder', async () => {
    const telemetry = startTelemetry()
    const clock = createClock()
    let next = 0
    const grant = defineGrant(
      async () => ({ access_token: `at-${++next}`, refresh_token: `rt-${next}`, expires_in: 60 }),
      {
        grace: 600_000,
      },
    )
    const shared = { store: memoryStore(), grant, softWindow: false } as const
    const tokens = withTelemetry(createTokenManager({ ...shared, timing: clock }), telemetry)
    await tokens.setTokens({ access_token: 'at-0', refresh_token: 'rt-0', expires_in: 60 })
    await clock.advance(60_000)
    // A process that stops for good as soon as it has claimed.
    const claimed = Promise.withResolvers<void>()
    const stopped = defineGrant(() => new Promise(() => claimed.resolve()), { grace: 600_000 })
    const other = createTokenManager({ ...shared, grant: stopped, timing: { ...clock, after: () => () => {} } })
    void other.getAccessToken()
    await claimed.promise

    const got = tokens.getAccessToken()
    while (next === 0) await clock.next()
    expect((await got).accessToken).toBe('at-1')
    const takeovers = await telemetry.counted('tokenflight.takeovers')
    expect(takeovers).toEqual([[1, { 'tokenflight.takeover.verdict': 'expired' }]])
  })

  test('many credentials are measured apart only by the attributes that the application gives them', async () => {
    const telemetry = startTelemetry()
    const { server, shared, expire } = await startScene()
    const plain = createTokenManagers({ ...shared, store: memoryStore() })
    onTestFinished(() => plain.close())
    const attributes = (key: string) => ({ 'app.tenant': key.split(':')[0] })
    const users = withTelemetry(plain, { ...telemetry, attributes })
    const keys = ['acme:ada', 'acme:bob', 'globex:eve']
    for (const key of keys) await users.for(key).setTokens(await server.signIn({ subject: key }))
    expire()
    await Promise.all(keys.flatMap((key) => [users.for(key).getAccessToken(), users.for(key).getAccessToken()]))
    const perTenant = [
      [2, { 'app.tenant': 'acme' }],
      [1, { 'app.tenant': 'globex' }],
    ]
    expect(await telemetry.counted('tokenflight.refreshes')).toEqual(perTenant)
    expect(await telemetry.counted('tokenflight.joins')).toEqual(perTenant)
  })

  test('attributes that cannot be had fail nobody', async () => {
    const telemetry = startTelemetry()
    const { server, shared, expire } = await startScene()
    const plain = createTokenManagers({ ...shared, store: memoryStore() })
    onTestFinished(() => plain.close())
    const attributes = () => {
      throw new Error('no such tenant')
    }
    const users = withTelemetry(plain, { ...telemetry, attributes })
    await users.for('ada').setTokens(await server.signIn())
    expire()
    await users.for('ada').getAccessToken()
    expect(await telemetry.counted('tokenflight.refreshes')).toEqual([[1, {}]])
  })

  test('what a manager carries besides its methods stays', async () => {
    const { tokens: plain } = await startScene()
    const prove = () => Promise.resolve('proof')
    const tokens = withTelemetry(Object.assign(plain, { prove }), startTelemetry())
    expect(tokens.prove).toBe(prove)
    expect(Object.getOwnPropertySymbols(tokens)).toEqual(Object.getOwnPropertySymbols(plain))
    expect(Object.keys(tokens).sort()).toEqual(Object.keys(plain).sort())
  })
})
