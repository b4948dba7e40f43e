import { describe, expect, test } from 'vitest'
import { authorizationServer } from './servers.ts'
import { refresh } from './token-client.ts'

describe('holding token requests', () => {
  test('before: the refresh token is not spent until the request is released', async () => {
    const server = await authorizationServer()
    const { refresh_token = '' } = await server.signIn()
    const held = server.hold('before')
    const answer = refresh(server, refresh_token)
    expect(await held.arrived).toMatchObject({ number: 1, refreshToken: refresh_token, phase: 'arrived' })
    expect(server.state().grants[0]?.refreshTokens[0]?.spent).toBe(false)
    held.release()
    expect((await answer).status).toBe(200)
    expect(server.requests[0]?.phase).toBe('answered')
  })

  test('after: the token is spent and only the answer is missing, also when the client has gone', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    const held = server.hold('after')
    const client = new AbortController()
    const answer = refresh(server, refresh_token, {}, { signal: client.signal })
    expect(await held.arrived).toMatchObject({ phase: 'processed', outcome: 'redeemed' })
    client.abort()
    await expect(answer).rejects.toThrow()
    await server.waitFor(({ abandoned }) => abandoned === true)
    held.release()
    await server.waitFor(({ phase }) => phase === 'lost')
    expect((await refresh(server, refresh_token)).body['error']).toBe('invalid_grant')
  })

  test('a request goes on to the end although its client left before it was processed', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    const held = server.hold('before')
    const client = new AbortController()
    const answer = refresh(server, refresh_token, {}, { signal: client.signal })
    await held.arrived
    client.abort()
    await expect(answer).rejects.toThrow()
    await server.waitFor(({ abandoned }) => abandoned === true)
    held.release()
    const record = await server.waitFor(({ phase }) => phase === 'lost')
    expect(record.outcome).toBe('redeemed')
  })

  test('the second of three, and several at once released in another order', async () => {
    const server = await authorizationServer()
    const tokens = await Promise.all(
      ['a', 'b', 'c'].map(async (subject) => (await server.signIn({ subject })).refresh_token),
    )
    const second = server.hold('before', { nth: 2 })
    const answered: number[] = []
    const send = async (index: number) => {
      const { status } = await refresh(server, tokens[index])
      answered.push(index)
      return status
    }
    expect(await send(0)).toBe(200)
    const waiting = send(1)
    await second.arrived
    expect(await send(2)).toBe(200)
    second.release()
    await waiting
    expect(answered).toEqual([0, 2, 1])
  })

  test('two holds stop two requests; `when` chooses which', async () => {
    const server = await authorizationServer()
    const alice = await server.signIn({ subject: 'alice' })
    const bob = await server.signIn({ subject: 'bob' })
    const any = server.hold('before')
    const bobs = server.hold('before', { when: ({ refreshToken }) => refreshToken === bob.refresh_token })
    const one = refresh(server, alice.refresh_token)
    expect((await any.arrived).refreshToken).toBe(alice.refresh_token)
    const two = refresh(server, bob.refresh_token)
    expect((await bobs.arrived).refreshToken).toBe(bob.refresh_token)
    bobs.release()
    any.release()
    expect([(await one).status, (await two).status]).toEqual([200, 200])
  })

  test('of two holds that wait for the same request, the one that was set first takes it', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    const first = server.hold('before')
    const second = server.hold('before')
    const one = refresh(server, refresh_token)
    expect((await first.arrived).number).toBe(1)
    const two = refresh(server, refresh_token)
    expect((await second.arrived).number).toBe(2)
    second.release()
    expect((await two).status).toBe(200)
    first.release()
    expect((await one).status).toBe(400)
  })

  test('a hold that is released before its request comes stops nothing', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    server.hold('before').release()
    expect((await refresh(server, refresh_token)).status).toBe(200)
  })
})

describe('latency', () => {
  test('it lies before and after the redemption, fixed or decided per request', async () => {
    const seen: string[] = []
    const server = await authorizationServer({
      latencyBefore: ({ outcome }) => {
        seen.push(`before ${outcome}`)
        return 5
      },
      latencyAfter: ({ outcome }) => {
        seen.push(`after ${outcome}`)
        return 5
      },
    })
    const { refresh_token } = await server.signIn()
    const start = performance.now()
    expect((await refresh(server, refresh_token)).status).toBe(200)
    expect(performance.now() - start).toBeGreaterThanOrEqual(8)
    expect(seen).toEqual(['before undefined', 'after redeemed'])
  })

  test('a minute of it does not delay closing', async () => {
    const server = await authorizationServer({ latencyBefore: 60_000 })
    const { refresh_token } = await server.signIn()
    const answer = refresh(server, refresh_token)
    const failed = expect(answer).rejects.toThrow()
    await server.waitFor(({ phase }) => phase === 'arrived')
    await server.close()
    await failed
  })
})
