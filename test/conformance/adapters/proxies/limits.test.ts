import { HttpsProxyAgent } from 'hpagent'
import { describe, expect, it, onTestFinished } from 'vitest'
import { oldestAxios } from '../fixtures/axios-floor.ts'
import { fetchAdapter } from '../fixtures/fetch.ts'
import { gotAdapter } from '../fixtures/got.ts'
import { kyAdapter } from '../fixtures/ky.ts'
import { certificate } from '../fronts.ts'
import { openClient } from '../scene.ts'
import { scriptedTokens } from '../scripted-tokens.ts'
import { axiosClient } from './clients.ts'
import { apiOrigin, openProxiedScene, useProxy } from './scene.ts'

describe('A1 the limits of the clients are their own', () => {
  it.each([fetchAdapter, gotAdapter, kyAdapter])('$name asks no proxy by itself', async (fixture) => {
    const { api, proxy } = await openProxiedScene()
    useProxy(proxy)
    api.configure({ protection: 'none' })
    const client = openClient(fixture, scriptedTokens(), { origins: api.url })
    expect((await client.send({ url: `${api.url}/` })).status).toBe(200)
    expect(proxy.seen).toEqual([])
  })

  it('axios before 1.16.1 asks for no tunnel: the proxy reads the request to an API over https, and the token', async () => {
    const { proxy } = await openProxiedScene()
    useProxy(proxy)
    const options = { origins: apiOrigin.https, ca: certificate.cert }
    const client = axiosClient('axios 1.7.0', oldestAxios).open(scriptedTokens(), options)
    onTestFinished(() => client.close())
    await client.send(`${apiOrigin.https}/`)
    expect(proxy.seen.map(({ method, headers }) => [method, headers.authorization])).toContainEqual([
      'POST',
      'Bearer token-1',
    ])
  })

  it('axios before 1.16.1 uses a tunnel where it has an agent that makes one, and no proxy of its own', async () => {
    const { api, proxy } = await openProxiedScene()
    useProxy(proxy)
    const httpsAgent = new HttpsProxyAgent({ proxy: proxy.url, ca: certificate.cert })
    onTestFinished(() => httpsAgent.destroy())
    const { axios, withBearer } = oldestAxios
    const settings = { proxy: false, httpsAgent, validateStatus: () => true } as const
    const client = withBearer(axios.create(settings), scriptedTokens(), { origins: apiOrigin.https })
    await client.post(`${apiOrigin.https}/`, 'order=1')
    expect(api.requests.map(({ token }) => token)).toContain('token-1')
    expect(new Set(proxy.seen.map(({ method }) => method))).toEqual(new Set(['CONNECT']))
    for (const { headers } of proxy.seen) expect(headers).not.toHaveProperty('authorization')
  })
})
