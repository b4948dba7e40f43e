import { createClock, type Fault, type GarbageShape } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import { authorizationServer } from './servers.ts'
import { postToken, refresh } from './token-client.ts'

describe('scripted faults', () => {
  test('they meet requests in order, one each; next() goes first, "none" is a normal answer', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    server.script([{ fault: 'unavailable' }, { fault: 'none' }, { fault: 'unavailable', status: 500 }])
    server.next({ fault: 'unavailable', status: 429 })
    const statuses: number[] = []
    let token: unknown = refresh_token
    for (let round = 0; round < 5; round++) {
      const { status, body } = await refresh(server, token)
      statuses.push(status)
      token = body['refresh_token'] ?? token
    }
    expect(statuses).toEqual([429, 503, 200, 500, 200])
  })

  test('503 without more: plain text, no Retry-After, nothing spent', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    server.next({ fault: 'unavailable' })
    const answer = await refresh(server, refresh_token)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('content-type')).toBe('text/plain')
    expect(answer.headers.has('retry-after')).toBe(false)
    expect((await refresh(server, refresh_token)).status).toBe(200)
  })

  test('Retry-After comes in seconds, or as an HTTP-date by the clock of the server', async () => {
    const clock = createClock(Date.UTC(2031, 4, 6, 7, 8, 9))
    const server = await authorizationServer({ clock: clock.now })
    server.script([
      { fault: 'unavailable', status: 429, retryAfter: 7 },
      { fault: 'unavailable', retryAfter: 60, retryAfterFormat: 'http-date', error: 'temporarily_unavailable' },
    ])
    const { refresh_token } = await server.signIn()
    expect((await refresh(server, refresh_token)).headers.get('retry-after')).toBe('7')
    const dated = await refresh(server, refresh_token)
    expect(dated.headers.get('retry-after')).toBe('Tue, 06 May 2031 07:09:09 GMT')
    expect(dated.body['error']).toBe('temporarily_unavailable')
  })

  test.each([
    ['reset', false],
    ['reset', true],
    ['truncated', true],
    ['truncated', false],
  ] as const)('%s: the client sees a broken connection; token spent: %s', async (fault, consume) => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    server.next({ fault, consume })
    await expect(refresh(server, refresh_token)).rejects.toThrow()
    const lost = await server.waitFor(({ phase }) => phase === 'lost')
    expect(lost.outcome).toBe(consume ? 'redeemed' : undefined)
    expect((await refresh(server, refresh_token)).status).toBe(consume ? 400 : 200)
  })

  test.each([false, true])(
    'a hang goes on as if nothing had been when it is released; token spent meanwhile: %s',
    async (consume) => {
      const server = await authorizationServer()
      const { refresh_token = '' } = await server.signIn()
      server.next({ fault: 'hang', consume })
      const answer = refresh(server, refresh_token)
      const phase = consume ? 'processed' : 'arrived'
      await server.waitFor((request) => request.phase === phase)
      expect(server.state().grants[0]?.refreshTokens[0]?.spent).toBe(consume)
      server.releaseHangs()
      expect((await answer).status).toBe(200)
    },
  )

  test('a release lets go of the requests that hang, not of later ones', async () => {
    const server = await authorizationServer({ rotation: false })
    const { refresh_token } = await server.signIn()
    server.script([{ fault: 'hang' }, { fault: 'hang' }])
    const first = refresh(server, refresh_token)
    await server.waitFor(({ number }) => number === 1)
    server.releaseHangs()
    expect((await first).status).toBe(200)
    const second = refresh(server, refresh_token)
    await server.waitFor(({ number }) => number === 2)
    expect((await refresh(server, refresh_token)).status).toBe(200)
    expect(server.requests[1]?.phase).toBe('arrived')
    server.releaseHangs()
    expect((await second).status).toBe(200)
  })

  test.each<[GarbageShape, number, RegExp]>([
    ['text', 200, /^this is not JSON$/],
    ['empty', 200, /^$/],
    ['array', 200, /^\[\]$/],
    ['null', 200, /^null$/],
    ['no_token', 200, /^\{"ok":true\}$/],
    ['huge', 200, /^\{"padding":"x{1048576}"\}$/],
    ['html', 502, /^<!doctype html>/],
  ])('garbage: %s', async (shape, status, text) => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    server.script([
      { fault: 'garbage', shape },
      { fault: 'garbage', shape, consume: true },
    ])
    const answer = await refresh(server, refresh_token)
    expect(answer.status).toBe(status)
    expect(answer.text).toMatch(text)
    expect(server.requests[0]?.outcome).toBeUndefined()
    await refresh(server, refresh_token)
    expect(server.requests[1]?.outcome).toBe('redeemed')
  })

  test('an error with status 200 spends nothing; a form-encoded answer holds the real tokens', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    server.script([{ fault: 'error_with_200' }, { fault: 'form_encoded' }])
    expect(await refresh(server, refresh_token)).toMatchObject({ status: 200, body: { error: 'bad_refresh_token' } })
    const encoded = await refresh(server, refresh_token)
    expect(encoded.headers.get('content-type')).toBe('application/x-www-form-urlencoded')
    const form = new URLSearchParams(encoded.text)
    expect(server.issued.has(form.get('access_token') ?? '')).toBe(true)
    expect((await refresh(server, form.get('refresh_token'))).status).toBe(200)
  })

  test('an echo repeats the secrets of the request, for privacy tests', async () => {
    const server = await authorizationServer({ clients: { svc: { secrets: ['cs_canary'] } } })
    const { refresh_token = '' } = await server.signIn()
    server.next({ fault: 'echo' })
    const echo = await refresh(server, refresh_token, { client_id: 'svc', client_secret: 'cs_canary' })
    expect(echo).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(echo.body['error_description']).toContain(refresh_token)
    expect(echo.body['error_description']).toContain('cs_canary')
  })

  test('any answer at all', async () => {
    const server = await authorizationServer()
    server.next({ fault: 'answer', status: 418, headers: { 'x-tea': 'yes' }, body: 'short and stout' })
    const answer = await postToken(server, {})
    expect(answer).toMatchObject({ status: 418, text: 'short and stout' })
    expect(answer.headers.get('x-tea')).toBe('yes')
  })

  test.each<Fault>([
    { fault: 'unavailable', consume: true },
    { fault: 'error_with_200', consume: true },
    { fault: 'answer', status: 500, consume: true },
  ])('consume spends the token whatever is answered: %j', async (fault) => {
    const server = await authorizationServer()
    const { refresh_token = '' } = await server.signIn()
    server.next(fault)
    await refresh(server, refresh_token)
    expect(server.state().grants[0]?.refreshTokens[0]?.spent).toBe(true)
  })
})
