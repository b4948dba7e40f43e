import { type Clock, createClock } from '@tokenflight/testing'
import {
  createTokenManager,
  defineGrant,
  GrantError,
  type GrantRequest,
  type TokenEvent,
  type TokenManagerOptions,
  type TokenResponse,
} from '../src/index.ts'
import { spyStore } from './kit.ts'

export const a = 'https://a.example'
export const b = 'https://b.example'

/** An authorization server with several audiences on one rotating refresh token; a second presentation revokes everything. */
export function audienceServer(clock: Clock, { rotates = true }: { rotates?: boolean } = {}) {
  const requests: { refreshToken: string | undefined; resource: string | undefined; scope: string | undefined }[] = []
  const faults: (() => TokenResponse | Promise<TokenResponse>)[] = []
  let current = 'rt-0-canary'
  let running = 0
  const server = {
    requests,
    faults,
    revoked: false,
    overlapped: false,
    lifetime: 3600,
    grant: defineGrant(
      async ({ previous, resource, scope }: GrantRequest): Promise<TokenResponse> => {
        requests.push({ refreshToken: previous?.refreshToken, resource, scope })
        server.overlapped ||= running > 0
        running++
        try {
          await new Promise<void>((resolve) => void clock.after(50, resolve))
          const fault = faults.shift()
          if (fault !== undefined) return await fault()
          if (server.revoked || previous?.refreshToken !== current) {
            server.revoked = true
            throw new GrantError('rejected', 'answered 400', { error: 'invalid_grant', status: 400 })
          }
          if (rotates) current = `rt-${requests.length}-canary`
          const access_token = `at-${requests.length}-${resource ?? 'default'}-canary`
          return { access_token, expires_in: server.lifetime, ...(rotates && { refresh_token: current }) }
        } finally {
          running--
        }
      },
      { singleUse: rotates },
    ),
  }
  return server
}

export async function audiences(options: Partial<TokenManagerOptions> & { rotates?: boolean } = {}) {
  const { rotates = true, ...more } = options
  const clock = createClock()
  const server = audienceServer(clock, { rotates })
  const store = spyStore(more.store)
  const events: TokenEvent[] = []
  const sibling = (others: Partial<TokenManagerOptions> = {}) =>
    createTokenManager({ grant: server.grant, timing: clock, softWindow: false, ...more, store, ...others })
  const tokens = sibling({ onEvent: (event) => events.push(event) })
  await tokens.setTokens({ access_token: 'at-0', refresh_token: 'rt-0-canary', expires_in: 3600 })
  const record = async () => (await store.read('default')).record
  return { clock, server, store, events, tokens, sibling, record }
}
