import type { AccessToken, TokenSource } from '@tokenflight/core'
import { type ResourceServer, type ResourceServerOptions, startResourceServer } from '@tokenflight/testing'
import { onTestFinished } from 'vitest'

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

export function tokensSeen(api: ResourceServer): (string | undefined)[] {
  return api.requests.map(({ token }) => token)
}

export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing',
    (error: unknown) => error,
  )
}
