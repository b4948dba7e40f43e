import type { Introspection } from './token-registry.ts'

/** How a resource server learns what an access token is worth. */
export type Introspect = (accessToken: string) => Introspection | Promise<Introspection>

/** Asks a simulator in another process, over its admin path. */
export function introspectAt(url: string): Introspect {
  const endpoint = new URL('/_simulator/introspect', url)
  return async (token) => {
    const answer = await fetch(endpoint, { method: 'POST', body: JSON.stringify({ token }) })
    const verdict: Introspection = await answer.json()
    return verdict
  }
}

export const nobodyKnown: Introspect = () => ({ active: false, reason: 'unknown' })
