import { Agent } from 'node:http'
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
})
