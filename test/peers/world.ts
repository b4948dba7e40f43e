import { mkdtemp, rm } from 'node:fs/promises'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TokenResponse } from '@tokenflight/core'
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type ResourceServer,
  type ResourceServerOptions,
  startAuthorizationServer,
  startResourceServer,
} from '@tokenflight/testing'
import type { Library, PeerClient } from './library.ts'
import { openSingleConnection } from './single-connection.ts'

export interface Opening {
  /**
   * How the access token of the sign-in has ended: `known`, by `expires_in`; `unknown`, only the API knows; `no`, it is good.
   * Default `unknown`.
   */
  expired?: 'known' | 'unknown' | 'no'
  server?: AuthorizationServerOptions
  api?: ResourceServerOptions
  /** Tokens are in a file, not in the memory of the client. */
  file?: boolean
  /** One connection per origin. */
  single?: boolean
}

export interface Opened {
  server: AuthorizationServer
  api: ResourceServer
  signedIn: TokenResponse
  client: PeerClient
  file: string
}

/** What one case has opened for one library; closed as a whole. */
export interface World {
  readonly library: Library
  open(opening?: Opening): Promise<Opened>
  /** Another API, such as a foreign one. */
  openApi(options: ResourceServerOptions): Promise<ResourceServer>
  /** Runs when the case is over. */
  defer(close: () => unknown): void
  close(): Promise<void>
}

export function createWorld(library: Library): World {
  const closers: (() => unknown)[] = []
  const world: World = {
    library,
    defer: (close) => void closers.unshift(close),
    async close() {
      for (const close of closers.splice(0)) await close()
    },
    async openApi(options) {
      const api = await startResourceServer(options)
      world.defer(() => api.close())
      return api
    },
    async open({ expired = 'unknown', server: policy = {}, api: apiOptions = {}, file: useFile, single } = {}) {
      const directory = await mkdtemp(join(tmpdir(), 'tokenflight-peers-'))
      world.defer(() => rm(directory, { recursive: true, force: true }))
      const server = await startAuthorizationServer(policy)
      world.defer(() => server.close())
      const api = await world.openApi({ authorizationServer: server, ...apiOptions })
      const { origin } = new URL(apiOptions.sameOrigin ? api.url : server.url)
      const signedIn = await server.signIn({
        expired: expired !== 'no',
        ...(expired === 'known' && { expiresIn: 0 }),
      })
      const file = join(directory, 'credentials.json')
      if (useFile) await library.seed?.(file, signedIn)
      const client = await library.open({
        api: api.url,
        tokenEndpoint: `${origin}/token`,
        ...(useFile ? { file } : { tokens: signedIn }),
        ...(single && { single: openSingle(world) }),
      })
      world.defer(() => client.close())
      return { server, api, signedIn, client, file }
    },
  }
  return world
}

function openSingle(world: World): { fetch: typeof fetch; agent: Agent } {
  const connection = openSingleConnection()
  world.defer(() => connection.destroy())
  const agent = new Agent({ maxSockets: 1, keepAlive: true })
  world.defer(() => agent.destroy())
  return { agent, fetch: connection.fetch }
}
