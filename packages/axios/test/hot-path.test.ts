import { createHook } from 'node:async_hooks'
import { Agent } from 'node:http'
import { createTokenManager } from '@tokenflight/core'
import type { AxiosAdapter } from 'axios'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openClient, tokensSeen, twoTokens, versions } from './kit.ts'

describe.each(versions)('F2 many requests at once, $version', (version) => {
  it.each([25, 200])('make one refresh, and warn of nothing: %i', async (count) => {
    const warnings: string[] = []
    const warn = (warning: Error) => void warnings.push(warning.name)
    process.on('warning', warn)
    onTestFinished(() => void process.off('warning', warn))
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 20 })
    onTestFinished(() => httpAgent.destroy())
    const tokens = twoTokens()
    const { api, client } = await openClient(version, { tokens, httpAgent })
    const { token } = version.axios.CancelToken.source()
    const calls = Array.from({ length: count }, (_, n) => client.post('/', { n }, { cancelToken: token }))
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(count).fill(200))
    expect(new Set(tokensSeen(api))).toEqual(new Set(['a', 'b']))
    expect(warnings).toEqual([])
  })
})

describe.each(versions)('F8 a request with a good token, $version', (version) => {
  it('is as synchronous as axios: an interceptor chain without promises stays one', async () => {
    const { client } = await openClient(version)
    const steps: string[] = []
    client.interceptors.request.use(
      (config) => {
        steps.push('interceptor')
        return config
      },
      null,
      { synchronous: true },
    )
    const call = client.get('/')
    steps.push('after the call')
    expect(steps).toEqual(['interceptor', 'after the call'])
    await call
  })

  it('is a few promises more than the adapter below, once the token is in memory', async () => {
    const grant = async () => ({ access_token: 'b', expires_in: 3600 })
    const tokens = createTokenManager({ grant })
    onTestFinished(() => tokens.close())
    await tokens.setTokens(await grant())
    const promisesOf = async (bearer: false | undefined) => {
      let made = 0
      const hook = createHook({
        init(_, type) {
          if (type === 'PROMISE') made++
        },
      })
      const adapter: AxiosAdapter = async (config) => ({
        data: '',
        status: 200,
        statusText: 'OK',
        headers: {},
        config,
        request: {},
      })
      const { client } = await openClient(version, { tokens, adapter })
      await client.get('/')
      hook.enable()
      await client.get('/', { bearer })
      hook.disable()
      return made
    }
    // One for each of our two functions, and one for the wait for each.
    expect((await promisesOf(undefined)) - (await promisesOf(false))).toBe(4)
  })
})
