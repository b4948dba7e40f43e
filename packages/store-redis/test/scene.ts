import { createTokenManager, type TokenEvent, type TokenManager, type TokenManagerOptions } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import type { RedisStoreOptions } from '@tokenflight/store-redis'
import { startAuthorizationServer } from '@tokenflight/testing'
import { onTestFinished } from 'vitest'
import { type Link, openLink } from '../../../test/services/link.ts'
import type { RedisServer } from '../../../test/services/redis.ts'
import { storeOn } from './place.ts'

interface Caller {
  tokens: TokenManager
  events: TokenEvent[]
  /** Resolves when such an event has happened. */
  heard(type: TokenEvent['type']): Promise<void>
}

/** A strict authorization server and a credential in Redis, whose access token has expired, on a link that can be made bad. */
export async function openScene(
  redis: RedisServer,
  kind: string,
  { grace = 0, ...options }: RedisStoreOptions & { grace?: number } = {},
) {
  const server = await startAuthorizationServer({ grace })
  const link: Link = await openLink(redis)
  onTestFinished(async () => {
    await link.close()
    await server.close()
  })
  const { tokenEndpoint } = server
  const prefix = 'scene:'

  /** A process of its own, as far as core and Redis can tell. */
  async function caller(policy: Partial<TokenManagerOptions> = {}): Promise<Caller> {
    const { store } = await storeOn(
      { url: `redis://127.0.0.1:${link.port}` },
      { kind, prefix, timeout: 2000, ...options },
    )
    const events: TokenEvent[] = []
    const waiting = new Set<() => void>()
    const tokens = createTokenManager({
      store,
      grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app', grace }),
      onEvent(event) {
        events.push(event)
        for (const look of [...waiting]) look()
      },
      ...policy,
    })
    onTestFinished(() => tokens.close())
    return {
      tokens,
      events,
      heard: (type) =>
        new Promise((resolve) => {
          const look = (): void => {
            if (!events.some((event) => event.type === type)) return
            waiting.delete(look)
            resolve()
          }
          waiting.add(look)
          look()
        }),
    }
  }

  // Past the link, at whatever is the primary.
  const stored = async () => {
    const { store } = await storeOn({ url: `redis://127.0.0.1:${link.target.port}` }, { prefix, hints: false })
    return (await store.read('default')).record
  }
  const first = await server.signIn({ expired: true, expiresIn: 0.001 })
  const signingIn = await caller()
  await signingIn.tokens.setTokens(first)
  const refreshToken = first.refresh_token ?? ''
  return {
    server,
    link,
    prefix,
    caller,
    stored,
    presentations: () => server.presentations(refreshToken).length,
    isAlive: () => server.isAlive(server.grantOf(refreshToken) ?? ''),
  }
}
