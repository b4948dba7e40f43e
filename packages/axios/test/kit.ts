import type { AccessToken, TokenSource } from '@tokenflight/core'
import { type ResourceServer, type ResourceServerOptions, startResourceServer } from '@tokenflight/testing'
import axios, { type AxiosInstance, type AxiosStatic, type CreateAxiosDefaults } from 'axios'
import { onTestFinished, vi } from 'vitest'
import * as newest from '../src/index.ts'

// The adapter uses its own copy of axios, so it is loaded once more, with the oldest in its place. Typed as the newest: the floor's
// own types are other classes to the compiler, and it is the behaviour that is asked for here.
const floor: string = 'axios-floor'
vi.doMock('axios', () => import('axios-floor'))
vi.resetModules()
const oldest = await import('../src/index.ts')
const { default: oldestAxios }: { default: AxiosStatic } = await import(floor)
vi.doUnmock('axios')

/** The newest and the oldest axios that are supported, each with our adapter for it. */
export const versions: readonly ({ version: string; axios: AxiosStatic } & typeof newest)[] = [
  { version: 'axios 1.21.1', axios, ...newest },
  { version: 'axios 1.7.0', axios: oldestAxios, ...oldest },
]

/** Hands out `a`, and `b` once `a` was rejected, and so on through the alphabet; the last one stays. */
export function tokensThrough(last: string): TokenSource & { asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = []
  let current = 'a'
  return {
    asked,
    async getAccessToken({ rejected } = {}): Promise<AccessToken> {
      asked.push(rejected)
      if (rejected === current && current < last) current = String.fromCharCode(current.charCodeAt(0) + 1)
      return { accessToken: current, tokenType: 'Bearer', obtainedAt: 0 }
    },
  }
}

/** Nothing more is needed where one request is looked at. */
export const twoTokens = (): ReturnType<typeof tokensThrough> => tokensThrough('b')

/** Hands out `a` while nobody complains, and fails to refresh. */
export function failingTokens(failure: Error): TokenSource & { asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = []
  return {
    asked,
    async getAccessToken({ rejected } = {}): Promise<AccessToken> {
      asked.push(rejected)
      if (rejected !== undefined) throw failure
      return { accessToken: 'a', tokenType: 'Bearer', obtainedAt: 0 }
    },
  }
}

/** An API that takes only `b`, or only what it is told. */
export async function openApi(live = 'b', options: ResourceServerOptions = {}): Promise<ResourceServer> {
  const api = await startResourceServer({
    introspect: (token) =>
      token === live ? { active: true, clientId: 'app', expiresAt: Infinity } : { active: false, reason: 'expired' },
    ...options,
  })
  onTestFinished(() => api.close())
  return api
}

/** An instance that bears the tokens, and the API at its baseURL. */
export async function openClient(
  { axios, withBearer }: (typeof versions)[number],
  {
    tokens = twoTokens(),
    api: given,
    ...defaults
  }: CreateAxiosDefaults & { tokens?: TokenSource; api?: ResourceServer } = {},
): Promise<{ api: ResourceServer; client: AxiosInstance }> {
  const api = given ?? (await openApi())
  return { api, client: withBearer(axios.create({ baseURL: api.url, ...defaults }), tokens) }
}

export function tokensSeen(api: ResourceServer): (string | undefined)[] {
  return api.requests.map(({ token }) => token)
}

export function authorizations(api: ResourceServer): (string | undefined)[] {
  return api.requests.map(({ authorization }) => authorization)
}

export function statuses(api: ResourceServer): (number | undefined)[] {
  return api.requests.map(({ status }) => status)
}

export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing',
    (error: unknown) => error,
  )
}
