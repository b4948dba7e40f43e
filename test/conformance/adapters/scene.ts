import { type ResourceServer, type ResourceServerOptions, startResourceServer } from '@tokenflight/testing'
import { onTestFinished } from 'vitest'
import type { AdapterClient, AdapterFixture, ClientOptions } from './fixtures/index.ts'
import { type ScriptedTokens, type ScriptedTokensOptions, scriptedTokens } from './scripted-tokens.ts'

export interface Scene {
  tokens: ScriptedTokens
  api: ResourceServer
  client: AdapterClient
}

export interface SceneOptions {
  tokens?: ScriptedTokensOptions
  api?: ResourceServerOptions
  client?: Partial<ClientOptions>
}

/** A client whose tokens may go to one real API; everything is closed when the test ends. */
export async function openScene(fixture: AdapterFixture, options: SceneOptions = {}): Promise<Scene> {
  const tokens = scriptedTokens(options.tokens)
  const api = await openApi({ introspect: (token) => tokens.introspect(token), ...options.api })
  const client = openClient(fixture, tokens, { origins: api.url, ...options.client })
  return { tokens, api, client }
}

export async function openApi(options: ResourceServerOptions): Promise<ResourceServer> {
  const api = await startResourceServer(options)
  onTestFinished(() => api.close())
  return api
}

export function openClient(fixture: AdapterFixture, tokens: ScriptedTokens, options: ClientOptions): AdapterClient {
  const client = fixture.create(tokens, options)
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
