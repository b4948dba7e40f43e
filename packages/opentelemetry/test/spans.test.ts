import { SpanStatusCode } from '@opentelemetry/api'
import { describe, expect, test } from 'vitest'
import { withTelemetry } from '../src/index.ts'
import { startScene, startTelemetry } from './kit.ts'

describe('spans', () => {
  test('a refresh is a span below that of the caller who set it off, and those who wait for it point there', async () => {
    const telemetry = startTelemetry()
    const { server, tokens: plain } = await startScene()
    const tokens = withTelemetry(plain, telemetry)
    const held = server.hold('before')
    const first = telemetry.traced(() => tokens.getAccessToken())
    await held.arrived
    const second = telemetry.traced(() => tokens.getAccessToken())
    held.release()
    const callers = [await first, await second]

    const [refresh, ...more] = telemetry.spans('tokenflight.refresh')
    expect(more).toEqual([])
    expect(refresh?.parentSpanContext?.spanId).toBe(callers[0]?.spanContext().spanId)
    expect(refresh?.attributes).toEqual({
      'tokenflight.refresh.background': false,
      'tokenflight.refresh.generation': 1,
      'tokenflight.refresh.presentation': 1,
      'tokenflight.refresh.rotated': true,
    })
    const waits = telemetry.spans('tokenflight.wait')
    expect(waits.map(({ parentSpanContext }) => parentSpanContext?.spanId)).toEqual(
      callers.map((caller) => caller.spanContext().spanId),
    )
    for (const { links } of waits)
      expect(links.map(({ context }) => context.spanId)).toEqual([refresh?.spanContext().spanId])
  })

  test('a caller who is not traced has no span of its own', async () => {
    const telemetry = startTelemetry()
    const { tokens: plain } = await startScene()
    await withTelemetry(plain, telemetry).getAccessToken()
    expect(telemetry.spans().map(({ name }) => name)).toEqual(['tokenflight.refresh'])
  })

  test('a refresh ahead of expiry begins a trace of its own, with a link to where it was noticed', async () => {
    const telemetry = startTelemetry()
    const { server, tokens: plain, pass } = await startScene({ softWindow: [0.5, 0.6] })
    const tokens = withTelemetry(plain, telemetry)
    await tokens.setTokens(await server.signIn())
    pass(3_000_000)
    const noticed = await telemetry.traced(() => tokens.getAccessToken())
    await server.waitFor(({ phase }) => phase === 'answered')
    await tokens.close()
    const [refresh] = telemetry.spans('tokenflight.refresh')
    expect(refresh?.attributes).toMatchObject({ 'tokenflight.refresh.background': true })
    expect(refresh?.parentSpanContext).toBeUndefined()
    expect(refresh?.links.map(({ context }) => context.spanId)).toEqual([noticed.spanContext().spanId])
  })

  test('a failed refresh is a span with an error, its code and what the server said', async () => {
    const telemetry = startTelemetry()
    const { server, tokens: plain } = await startScene()
    server.next({ fault: 'answer', status: 400, body: '{"error":"invalid_grant"}' })
    await withTelemetry(plain, telemetry)
      .getAccessToken()
      .catch(() => {})
    const [refresh] = telemetry.spans('tokenflight.refresh')
    expect(refresh?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'reauthorization_required' })
    expect(refresh?.attributes).toMatchObject({
      'error.type': 'reauthorization_required',
      'tokenflight.oauth.error': 'invalid_grant',
      'http.response.status_code': 400,
    })
  })

  test('a refresh that is tried again is a span per token request, and each of them ends', async () => {
    const telemetry = startTelemetry()
    const { server, tokens: plain } = await startScene()
    server.next({ fault: 'unavailable', retryAfter: 0 })
    await withTelemetry(plain, telemetry).getAccessToken()
    expect(server.tokenRequests).toBe(2)
    const ended = telemetry.spans('tokenflight.refresh').map(({ attributes }) => attributes)
    expect(ended).toHaveLength(2)
    expect(ended[0]).not.toHaveProperty('tokenflight.refresh.rotated')
    expect(ended[1]).toHaveProperty('tokenflight.refresh.rotated', true)
  })

  test('neither a token nor the key of a credential is in anything that is exported', async () => {
    const telemetry = startTelemetry()
    const { server, tokens: plain } = await startScene({ key: 'ada@example.com' })
    const tokens = withTelemetry(plain, telemetry)
    await telemetry.traced(() => tokens.getAccessToken())
    server.next({ fault: 'echo', status: 400, error: 'invalid_request' })
    await tokens.renew().catch(() => {})
    const all = JSON.stringify([
      await telemetry.exported(),
      telemetry.spans().map(({ name, attributes, events, links, status }) => [name, attributes, events, links, status]),
    ])
    expect(all).toContain('tokenflight.refresh')
    expect(all).not.toContain('ada@example.com')
    const secrets = [...server.issued, ...server.requests.map(({ refreshToken }) => refreshToken ?? '')].filter(Boolean)
    expect(secrets.length).toBeGreaterThan(2)
    for (const secret of secrets) expect(all).not.toContain(secret)
  })
})
