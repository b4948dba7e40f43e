import {
  createTokenManager,
  type Grant,
  type TokenManager,
  type TokenManagerOptions,
  type TokenResponse,
  type TokenResponseParameters,
} from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { startChild } from './child.ts'

/** The token endpoint in a process of its own, and what one request to it takes. */
export interface TokenEndpoint {
  url: string
  grant: Grant
  signIn(): Promise<TokenResponse>
  /** A signed-in credential that is refreshed whenever its token is refused. */
  signedIn(options?: Partial<TokenManagerOptions>): Promise<TokenManager>
  /** Milliseconds of one refresh as a client makes it by itself. */
  timeOneRequest(): Promise<number>
  counts(): Promise<{ tokenRequests: number; replays: number }>
  stop(): Promise<void>
}

export async function withTokenEndpoint<T>(measure: (endpoint: TokenEndpoint) => Promise<T>): Promise<T> {
  const endpoint = await startTokenEndpoint()
  try {
    return await measure(endpoint)
  } finally {
    await endpoint.stop()
  }
}

async function startTokenEndpoint(): Promise<TokenEndpoint> {
  const child = startChild('./token-endpoint-process.ts')
  const { tokenEndpoint: url } = await child.receive<{ tokenEndpoint: string }>('ready')
  const grant = refreshTokenGrant({ tokenEndpoint: url, clientId: 'app', clientAuthentication: 'none' })
  const ask = <T>(type: string, answer: string) => {
    const reply = child.receive<T>(answer)
    child.send({ type })
    return reply
  }
  const signIn = async () => (await ask<{ response: TokenResponse }>('sign in', 'signed in')).response
  return {
    url,
    grant,
    signIn,
    async signedIn(options) {
      const tokens = createTokenManager({ grant, softWindow: false, coolDown: 0, ...options })
      await tokens.setTokens(await signIn())
      return tokens
    },
    timeOneRequest: timedRequest(grant, await signIn()),
    counts: () => ask('count', 'counted'),
    stop: () => child.stop(),
  }
}

/** Token requests one after the other, beginning with those tokens; says in how many milliseconds each was answered. */
export function timedRequest(grant: Grant, signedIn: TokenResponseParameters): () => Promise<number> {
  let previous = signedIn
  const { signal } = new AbortController()
  return async () => {
    const { access_token: accessToken, refresh_token: refreshToken = '' } = previous
    const began = performance.now()
    previous = await grant({ previous: { accessToken, refreshToken, tokenType: 'Bearer', obtainedAt: 0 }, signal })
    return performance.now() - began
  }
}
