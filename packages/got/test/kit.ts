import type { AccessToken, TokenSource } from '@tokenflight/core'
import { type ResourceServer, type ResourceServerOptions, startResourceServer } from '@tokenflight/testing'
import got, { type Got } from 'got'
import { onTestFinished } from 'vitest'

// Typed as the newest got: the floor's own types are other classes to the compiler, and it is the behaviour that is asked for here.
const { default: oldest }: { default: Got } = await import(import.meta.resolve('got-floor'))

/** The newest and the oldest got that are supported; retries come at once. */
export const versions: readonly { version: string; got: Got }[] = [
  { version: 'got 16.1.0', got },
  { version: 'got 15.0.0', got: oldest },
].map(({ version, got }) => ({ version, got: got.extend({ retry: { backoffLimit: 1, noise: 0 } }) }))

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

export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing',
    (error: unknown) => error,
  )
}
