import { getEventListeners } from 'node:events'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { deferred, failureOf, refresh } from './calls.ts'
import { json, serve } from './token-endpoint-server.ts'

const tokens = { access_token: 'A1', refresh_token: 'R1' }

describe('R8 giving up on a token request', () => {
  test('before it was sent: not_sent, and nobody is asked', async () => {
    let asked = 0
    const server = await serve((response) => json(response, 200, tokens))
    const clientSecret = () => {
      asked += 1
      return 'secret'
    }
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', clientSecret })
    expect(await failureOf(refresh(grant, 'R0', AbortSignal.abort()))).toMatchObject({ outcome: 'not_sent' })
    expect(asked).toBe(0)
    expect(server.requests).toHaveLength(0)
  })

  test.each<[string, (then: () => void) => void]>([
    ['at once', (then) => then()],
    ['a moment later', (then) => queueMicrotask(then)],
  ])('while the secret is being read, %s: not_sent, also if the secret comes later', async (_, moment) => {
    const abort = new AbortController()
    const secret = deferred<string>()
    const server = await serve((response) => json(response, 200, tokens))
    const clientSecret = () => {
      moment(() => abort.abort())
      return secret.promise
    }
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', clientSecret })
    expect(await failureOf(refresh(grant, 'R0', abort.signal))).toMatchObject({ outcome: 'not_sent' })
    secret.resolve('late')
    await secret.promise
    expect(server.requests).toHaveLength(0)
  })

  test('while the assertion is being signed: not_sent', async () => {
    const abort = new AbortController()
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const { privateKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
    const signing = vi.spyOn(crypto.subtle, 'sign').mockImplementation(async () => {
      abort.abort()
      return new ArrayBuffer(64)
    })
    onTestFinished(() => signing.mockRestore())
    const server = await serve((response) => json(response, 200, tokens))
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', privateKey })
    expect(await failureOf(refresh(grant, 'R0', abort.signal))).toMatchObject({ outcome: 'not_sent' })
    expect(signing).toHaveBeenCalledOnce()
    expect(server.requests).toHaveLength(0)
  })

  test('a signal that outlives many requests is left without listeners', async () => {
    const { signal } = new AbortController()
    const server = await serve((response, { path }) =>
      json(response, 200, path === '/' ? tokens : { issuer: server.url, token_endpoint: server.url }),
    )
    const grant = refreshTokenGrant({
      issuer: server.url,
      clientId: 'app',
      fetch: (url, init) => fetch(url, { ...init, signal: null }),
    })
    for (let i = 0; i < 3; i += 1) await refresh(grant, 'R0', signal)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('after it was sent: unknown, and it was sent once', async () => {
    const abort = new AbortController()
    const server = await serve(() => {})
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app' })
    void server.nextRequest().then(() => abort.abort(new Error('took too long')))
    expect(await failureOf(refresh(grant, 'R0', abort.signal))).toMatchObject({ outcome: 'unknown' })
    expect(server.requests).toHaveLength(1)
  })

  test('a fetch that ignores the signal still brings its tokens: a late answer may be the only copy of a rotated token', async () => {
    const abort = new AbortController()
    const server = await serve((response) => {
      abort.abort()
      json(response, 200, tokens)
    })
    const deaf: typeof fetch = (input, init) => fetch(input, { ...init, signal: null })
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', fetch: deaf })
    expect(await refresh(grant, 'R0', abort.signal)).toEqual(tokens)
  })
})
