import type { TokenSource } from '@tokenflight/core'
import { type ResourceServer, type ResourceServerOptions, startResourceServer } from '@tokenflight/testing'
import { onTestFinished } from 'vitest'
import type { AdapterClient, AdapterFixture, ClientOptions, Transport, TransportedFixture } from './fixtures/index.ts'
import { certificate, type Front, openHttp2Front, openTlsFront } from './fronts.ts'
import { type ScriptedTokens, type ScriptedTokensOptions, scriptedTokens } from './scripted-tokens.ts'

export interface Scene {
  tokens: ScriptedTokens
  api: ResourceServer
  client: AdapterClient
  /** What stands before the API where it is not plain http. */
  front: Front | undefined
}

export interface SceneOptions {
  tokens?: ScriptedTokensOptions
  api?: ResourceServerOptions
  client?: Partial<ClientOptions>
}

/** A client whose tokens may go to one real API, over its transport; everything is closed when the test ends. */
export async function openScene(fixture: TransportedFixture, options: SceneOptions = {}): Promise<Scene> {
  const tokens = scriptedTokens(options.tokens)
  const api = await openApi({ introspect: (token) => tokens.introspect(token), ...options.api })
  const front = await openFront(fixture.transport, api.url)
  if (front !== undefined) Object.assign(api, { url: front.url })
  const client = openClient(fixture, tokens, { origins: api.url, ...options.client })
  return { tokens, api, client, front }
}

export async function openApi(options: ResourceServerOptions, transport: Transport = 'http'): Promise<ResourceServer> {
  const api = await startResourceServer(options)
  onTestFinished(() => api.close())
  const front = await openFront(transport, api.url)
  return front === undefined ? api : Object.assign(api, { url: front.url })
}

export async function openFront(transport: Transport, target: string): Promise<Front | undefined> {
  if (transport === 'http') return undefined
  return transport === 'h2' ? openHttp2Front(target) : openTlsFront(target)
}

export function openClient(
  fixture: AdapterFixture & { transport?: Transport },
  tokens: TokenSource,
  options: ClientOptions,
): AdapterClient {
  const { transport = 'http' } = fixture
  const client = fixture.create(tokens, {
    ...(transport !== 'http' && { ca: certificate.cert }),
    ...(transport === 'h2' && { http2: true }),
    ...options,
  })
  onTestFinished(() => client.close())
  return client
}

/** The tokens an API has seen, in the order of arrival. */
export function tokensSeen(api: ResourceServer): (string | undefined)[] {
  return api.requests.map(({ token }) => token)
}

export function statuses(outcomes: readonly { status: number }[]): number[] {
  return outcomes.map(({ status }) => status)
}
