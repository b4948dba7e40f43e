import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { certificate } from '../fronts.ts'
import { scriptedTokens } from '../scripted-tokens.ts'
import { proxiedClients } from './clients.ts'
import type { ProgramInput, ProgramOutput } from './process.ts'
import type { TestProxy } from './proxy.ts'
import { apiOrigin, openProxiedScene, otherOrigin, signIn, useProxy } from './scene.ts'

/** Everything that the proxy could read of the requests for tunnels. */
function tunnels({ seen }: TestProxy) {
  return seen.filter(({ method }) => method === 'CONNECT')
}

describe.each(proxiedClients)('A1 a proxy from the environment, $name', ({ open: openProxied }) => {
  function open(...[tokens, origins]: [Parameters<typeof openProxied>[0], string]) {
    const client = openProxied(tokens, { origins, ca: certificate.cert })
    onTestFinished(() => client.close())
    return client
  }

  it('tunnels to an API over https: one refresh, one replay, and CONNECT knows nothing of the token', async () => {
    const scene = await openProxiedScene()
    const { server, api, proxy } = scene
    useProxy(proxy)
    const tokens = await signIn(scene, server.tokenEndpoint)
    const client = open(tokens, apiOrigin.https)
    server.expireAccessTokens()
    expect(await client.send(`${apiOrigin.https}/orders`)).toBe(200)
    expect(api.requests.map(({ status, bodyLength }) => [status, bodyLength])).toEqual([
      [401, 7],
      [200, 7],
    ])
    expect(new Set(proxy.seen.map(({ method, target }) => `${method} ${target}`))).toEqual(
      new Set(['CONNECT api.example:443']),
    )
    for (const { headers } of proxy.seen) {
      expect(headers).not.toHaveProperty('authorization')
      for (const { token = 'none' } of api.requests) expect(JSON.stringify(headers)).not.toContain(token)
    }
    expect(server.tokenRequests).toBe(1)
  })

  it('carries the request to an API over http, through all of it: one refresh, one replay', async () => {
    const scene = await openProxiedScene()
    const { server, api, proxy } = scene
    useProxy(proxy)
    const client = open(await signIn(scene, server.tokenEndpoint), apiOrigin.http)
    server.expireAccessTokens()
    expect(await client.send(`${apiOrigin.http}/orders`)).toBe(200)
    expect(api.requests.map(({ status }) => status)).toEqual([401, 200])
    expect(api.requests.map(({ headers }) => headers['host'])).toEqual(['api.example', 'api.example'])
    for (const { headers } of tunnels(proxy)) expect(headers).not.toHaveProperty('authorization')
    for (const { headers } of proxy.seen) expect(headers).not.toHaveProperty('proxy-authorization')
  })

  it.each(['http', 'https'] as const)('is not the origin that the token goes by, over %s', async (scheme) => {
    const { api, other, proxy } = await openProxiedScene()
    useProxy(proxy)
    const forApi = scriptedTokens()
    expect(await open(forApi, apiOrigin[scheme]).send(`${otherOrigin[scheme]}/`)).toBe(401)
    const forProxy = scriptedTokens()
    expect(await open(forProxy, proxy.url).send(`${apiOrigin[scheme]}/`)).toBe(401)
    expect([...api.requests, ...other.requests].map(({ authorization }) => authorization)).toEqual([
      undefined,
      undefined,
    ])
    expect(proxy.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined])
    expect([forApi.asked, forProxy.asked]).toEqual([[], []])
  })

  it.each(['http', 'https'] as const)('does not bring the token along with a redirect, over %s', async (scheme) => {
    const { api, other, proxy } = await openProxiedScene()
    useProxy(proxy)
    api.configure({ protection: 'none' })
    const tokens = scriptedTokens()
    const to = encodeURIComponent(`${otherOrigin[scheme]}/there`)
    const client = open(tokens, apiOrigin[scheme])
    expect(await client.send(`${apiOrigin[scheme]}/redirect?status=307&to=${to}`)).toBe(401)
    expect(api.requests.map(({ authorization }) => authorization)).toEqual(['Bearer token-1'])
    expect(other.requests.map(({ authorization }) => authorization)).toEqual([undefined])
    expect(tokens.refreshes).toBe(0)
  })

  it('that wants a sign-in of its own (407) has not refused the token', async () => {
    const { api, proxy } = await openProxiedScene()
    proxy.demandCredentials()
    useProxy(proxy)
    const tokens = scriptedTokens()
    for (const scheme of ['http', 'https'] as const) {
      const client = open(tokens, apiOrigin[scheme])
      const outcome = await client.send(`${apiOrigin[scheme]}/`).catch(() => 'an error')
      expect([407, 'an error']).toContain(outcome)
    }
    expect(api.requests).toEqual([])
    expect(tokens.refreshes).toBe(0)
  })
})

describe.each(proxiedClients.filter(({ name }) => !name.startsWith('got')))('A1 NO_PROXY, $name', ({ open }) => {
  it('sends the request past the proxy, with its token', async () => {
    const { server, api, proxy, ...scene } = await openProxiedScene()
    useProxy(proxy, '127.0.0.1')
    const tokens = await signIn({ server, api, proxy, ...scene }, server.tokenEndpoint)
    const client = open(tokens, { origins: api.url, ca: certificate.cert })
    onTestFinished(() => client.close())
    server.expireAccessTokens()
    expect(await client.send(`${api.url}/`)).toBe(200)
    expect(proxy.seen).toEqual([])
  })
})

describe('A1 the token request', () => {
  it('goes through a proxy where the fetch of the grant does, whatever the client does', async () => {
    const scene = await openProxiedScene()
    const { server, api, proxy } = scene
    useProxy(proxy)
    const dispatcher = new EnvHttpProxyAgent({ requestTls: { ca: certificate.cert } })
    onTestFinished(() => dispatcher.destroy())
    const proxiedFetch = (url: unknown, init: object = {}) => undiciFetch(String(url), { ...init, dispatcher })
    const tokens = await signIn(scene, scene.tokenEndpoint, proxiedFetch as unknown as typeof fetch)
    server.expireAccessTokens()
    const [client] = proxiedClients.map(({ open }) => open(tokens, { origins: apiOrigin.https, ca: certificate.cert }))
    onTestFinished(() => client?.close())
    expect(await client?.send(`${apiOrigin.https}/`)).toBe(200)
    expect(api.requests.map(({ status }) => status)).toEqual([401, 200])
    expect(tunnels(proxy).map(({ target }) => target)).toContain('accounts.example:443')
    expect(JSON.stringify(proxy.seen)).not.toMatch(/refresh_token|authorization/)
    expect(server.tokenRequests).toBe(1)
  })
})

describe('A1 F9 a program under NODE_USE_ENV_PROXY', () => {
  it('reaches its API and its token endpoint by the proxy with every client, and makes one refresh', {
    timeout: 60_000,
  }, async () => {
    const { server, api, other, proxy, tokenEndpoint } = await openProxiedScene()
    const input: ProgramInput = {
      signIn: await server.signIn({ expired: true }),
      tokenEndpoint,
      api: apiOrigin.https,
      other: otherOrigin.https,
    }
    const output = await run(input, { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url })
    expect(output).toEqual(
      Object.fromEntries(['fetch', 'axios', 'axios on fetch', 'got', 'ky'].map((name) => [name, [200, 401]])),
    )
    expect([server.tokenRequests, server.replays]).toEqual([1, 0])
    expect(new Set(proxy.seen.map(({ method, target }) => `${method} ${target}`))).toEqual(
      new Set(['CONNECT api.example:443', 'CONNECT other.example:443', 'CONNECT accounts.example:443']),
    )
    for (const { headers } of proxy.seen) expect(headers).not.toHaveProperty('authorization')
    expect(api.requests.filter(({ status }) => status === 200)).toHaveLength(5)
    expect(other.requests.map(({ authorization }) => authorization)).toEqual(Array(5).fill(undefined))
  })
})

/** Node's own way to trust a certificate of one's own, for a whole process. */
async function run(input: ProgramInput, proxies: Record<string, string>): Promise<ProgramOutput> {
  const directory = mkdtempSync(join(tmpdir(), 'tokenflight-proxies-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'certificate.pem')
  writeFileSync(file, certificate.cert)
  const program = fileURLToPath(new URL('process.ts', import.meta.url))
  const options = ['--conditions=@tokenflight/source', program, JSON.stringify(input)]
  const { PATH = '' } = process.env
  const env = { PATH, ...proxies, NODE_USE_ENV_PROXY: '1', NODE_EXTRA_CA_CERTS: file }
  const { stdout } = await promisify(execFile)(process.execPath, options, { env, timeout: 50_000 })
  return JSON.parse(stdout)
}
