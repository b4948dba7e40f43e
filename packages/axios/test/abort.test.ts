import type { AccessToken, TokenSource } from '@tokenflight/core'
import type { AxiosAdapter } from 'axios'
import { describe, expect, it } from 'vitest'
import { openClient, statuses, thrownBy, tokensSeen, versions } from './kit.ts'

/** `a`, then `b`; stops where the test says, until it lets go. */
function stoppingTokens(where: 'token' | 'refresh') {
  const gate = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const tokens: TokenSource = {
    async getAccessToken({ rejected } = {}): Promise<AccessToken> {
      if ((rejected === undefined) === (where === 'token')) {
        reached.resolve()
        await gate.promise
      }
      return {
        accessToken: rejected === undefined && where === 'refresh' ? 'a' : 'b',
        tokenType: 'Bearer',
        obtainedAt: 0,
      }
    },
  }
  return { tokens, reached: reached.promise, release: () => gate.resolve() }
}

/** As polyfills make them. */
class OtherSignal extends EventTarget {
  aborted = false

  abort() {
    this.aborted = true
    this.dispatchEvent(new Event('abort'))
  }
}

describe.each(versions)('F6 a CancelToken, $version', (version) => {
  const { CancelToken } = version.axios

  it.each(['token', 'refresh'] as const)(
    'ends the wait for the %s with its own message, and nothing more is sent',
    async (where) => {
      const { tokens, reached, release } = stoppingTokens(where)
      const { api, client } = await openClient(version, { tokens })
      const { token, cancel } = CancelToken.source()
      const call = thrownBy(client.get('/', { cancelToken: token }))
      await reached
      cancel('changed my mind')
      const error = await call
      expect(version.axios.isCancel(error) && error.message).toBe('changed my mind')
      release()
      expect((await client.get('/next')).status).toBe(200)
      expect(api.requests.filter(({ url, status }) => url === '/' && status === 200)).toEqual([])
    },
  )

  it('leaves no listener behind', async () => {
    const { client } = await openClient(version)
    const { token } = CancelToken.source()
    await client.get('/', { cancelToken: token })
    expect(Reflect.get(token, '_listeners') ?? []).toEqual([])
  })

  it('that is not used does not disturb a replay', async () => {
    const { api, client } = await openClient(version)
    await client.get('/', { cancelToken: CancelToken.source().token })
    expect(tokensSeen(api)).toEqual(['a', 'b'])
  })
})

describe.each(versions)('F6 a signal, $version', (version) => {
  it('of another make ends the wait too', async () => {
    const { tokens, reached, release } = stoppingTokens('refresh')
    const { api, client } = await openClient(version, { tokens })
    const signal = new OtherSignal()
    const call = thrownBy(client.get('/', { signal }))
    await reached
    signal.abort()
    expect(version.axios.isCancel(await call)).toBe(true)
    release()
    expect(statuses(api)).toEqual([401])
  })

  it('aborted while replayBody makes the body lets nothing be sent', async () => {
    const { client } = await openClient(version)
    const controller = new AbortController()
    const replayBody = async () => {
      controller.abort()
      return 'again'
    }
    let sent = 0
    const adapter: AxiosAdapter = (config) => {
      sent++
      return version.axios.getAdapter('http')(config)
    }
    const error = await thrownBy(client.post('/', 'x', { adapter, signal: controller.signal, bearer: { replayBody } }))
    expect(version.axios.isCancel(error)).toBe(true)
    expect(sent).toBe(1)
  })

  it('aborted gives axios’s own error, with the caller’s config', async () => {
    const { tokens, reached, release } = stoppingTokens('token')
    const { client } = await openClient(version, { tokens })
    const controller = new AbortController()
    const call = thrownBy(client.get('/mine', { signal: controller.signal }))
    await reached
    controller.abort(new Error('my reason'))
    expect(await call).toMatchObject({
      name: 'CanceledError',
      code: 'ERR_CANCELED',
      message: 'canceled',
      config: { url: '/mine' },
    })
    release()
  })

  it('is what budgets the whole call: each sending has the timeout to itself, and the wait for a token has none', async () => {
    const { client } = await openClient(version)
    const timeouts: unknown[] = []
    const adapter: AxiosAdapter = (config) => {
      timeouts.push(config.timeout)
      return version.axios.getAdapter('http')(config)
    }
    expect((await client.get('/', { adapter, timeout: 5000 })).status).toBe(200)
    expect(timeouts).toEqual([5000, 5000])
  })
})
