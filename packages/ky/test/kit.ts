import type { AccessToken, TokenSource } from '@tokenflight/core'
import { type ResourceServer, type ResourceServerOptions, startResourceServer } from '@tokenflight/testing'
import ky, { type KyInstance, type Options } from 'ky'
import { onTestFinished } from 'vitest'

// Typed as the newest ky: the types of the floor differ where nothing here goes, and it is the behaviour that is asked for.
const { default: oldest }: { default: KyInstance } = await import(import.meta.resolve('ky-floor'))

export interface Version {
  version: string
  ky: KyInstance
  /** The option that this version has for a base URL in front of every input. */
  readonly prefixed: (url: string | URL) => Options
}

/** ky 1's name for `prefix`. */
function prefixUrl(prefixUrl: string | URL): Options {
  const options: Options & { prefixUrl: string | URL } = { prefixUrl }
  return options
}

const settings: Options = { retry: { backoffLimit: 1 } }

export const newest: Version = { version: 'ky 2.1.0', ky: ky.extend(settings), prefixed: (prefix) => ({ prefix }) }

/** The newest and the oldest ky that are supported; retries come at once. */
export const versions: readonly Version[] = [
  newest,
  { version: 'ky 1.14.0', ky: oldest.extend(settings), prefixed: prefixUrl },
]

/** Hands out `a`, and `b` once `a` was rejected: nothing more is needed where one request is looked at. */
export function twoTokens(): TokenSource & { asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = []
  let current = 'a'
  return {
    asked,
    async getAccessToken({ rejected } = {}): Promise<AccessToken> {
      asked.push(rejected)
      if (rejected === current) current = 'b'
      return { accessToken: current, tokenType: 'Bearer', obtainedAt: 0 }
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

export function authorizations(api: ResourceServer): (string | undefined)[] {
  return api.requests.map(({ authorization }) => authorization)
}

export function statuses(api: ResourceServer): (number | undefined)[] {
  return api.requests.map(({ status }) => status)
}

export async function thrownBy(work: PromiseLike<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing',
    (error: unknown) => error,
  )
}
