import { createClock } from '@tokenflight/testing'
import { createTokenManagers, defineGrant, type Grant, type TokenEvent } from '../src/index.ts'
import { spyStore, strictServer } from './kit.ts'

export const grant = async () => ({ access_token: 'new', refresh_token: 'r', expires_in: 3600 })

/** Several credentials, of which one fits in memory. */
export async function crowded(
  more: { maxIdle?: number; maxIdleTime?: number; softWindow?: readonly [number, number] } = {},
) {
  const clock = createClock()
  const server = strictServer(clock)
  const store = spyStore()
  const events: TokenEvent[] = []
  const managers = createTokenManagers({
    ...{ grant: server.grant, store, timing: clock, softWindow: false, maxIdle: 1, ...more },
    onEvent: (event) => events.push(event),
  })
  await managers.for('busy').setTokens(server.signIn())
  /** Uses others, so that whatever may be forgotten is. */
  const crowd = async () => {
    for (const key of ['x', 'y', 'z']) await managers.for(key).setTokens({ access_token: key, expires_in: 1e6 })
  }
  return { clock, server, store, events, managers, crowd }
}

/** The grant of a tenant: what it answers names the tenant. */
export function tenant(name: string, traits: Partial<Grant> = {}) {
  const counted = { requests: 0 }
  const grant = defineGrant(async () => {
    const serial = ++counted.requests
    return { access_token: `${name}-${serial}`, refresh_token: `r-${serial}`, expires_in: 3600 }
  }, traits)
  return { grant, counted }
}

export const signedIn = { access_token: 'old', refresh_token: 'r', expires_in: 3600 }
export const refused = { rejected: 'old' }
