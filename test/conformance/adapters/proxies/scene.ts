import { createTokenManager, type TokenManager } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import {
  type AuthorizationServer,
  type ResourceServer,
  startAuthorizationServer,
  startResourceServer,
} from '@tokenflight/testing'
import { onTestFinished, vi } from 'vitest'
import { openTlsFront } from '../fronts.ts'
import { openProxy, type TestProxy } from './proxy.ts'

/** An API and an authorization server with names that only the proxy knows, over https and, the API, over http. */
export interface ProxiedScene {
  readonly server: AuthorizationServer
  readonly api: ResourceServer
  /** Another API, which has no business with our tokens and refuses everybody. */
  readonly other: ResourceServer
  readonly proxy: TestProxy
  readonly tokenEndpoint: string
}

export const apiOrigin = { http: 'http://api.example', https: 'https://api.example' }
export const otherOrigin = { http: 'http://other.example', https: 'https://other.example' }

export async function openProxiedScene(): Promise<ProxiedScene> {
  const server = await startAuthorizationServer()
  const api = await startResourceServer({ authorizationServer: server })
  const other = await startResourceServer({ protection: 'refuse_all' })
  for (const host of [server, api, other]) onTestFinished(() => host.close())
  const portOf = (url: string) => Number(new URL(url).port)
  const tlsPortOf = async (url: string) => portOf((await openTlsFront(url)).url)
  const proxy = await openProxy(
    new Map([
      ['api.example:80', portOf(api.url)],
      ['api.example:443', await tlsPortOf(api.url)],
      ['other.example:80', portOf(other.url)],
      ['other.example:443', await tlsPortOf(other.url)],
      ['accounts.example:443', await tlsPortOf(server.url)],
    ]),
  )
  return { server, api, other, proxy, tokenEndpoint: 'https://accounts.example/token' }
}

/** @param fetch Sends the token requests; default as any application's. */
export async function signIn(
  { server }: ProxiedScene,
  tokenEndpoint: string,
  fetch?: typeof globalThis.fetch,
): Promise<TokenManager> {
  const tokens = createTokenManager({
    grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app', ...(fetch && { fetch }) }),
  })
  onTestFinished(() => tokens.close())
  await tokens.setTokens(await server.signIn())
  return tokens
}

/** For the rest of the test, the environment names this proxy. */
export function useProxy({ url }: { url: string }, noProxy = ''): void {
  // Clients prefer these spellings.
  for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy']) vi.stubEnv(name, undefined)
  vi.stubEnv('HTTP_PROXY', url)
  vi.stubEnv('HTTPS_PROXY', url)
  vi.stubEnv('NO_PROXY', noProxy)
  onTestFinished(() => void vi.unstubAllEnvs())
}
