// The token-mediating backend of that page: a confidential client that keeps the refresh tokens.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import {
  createTokenManagers,
  findTokenError,
  memoryStore,
  refreshTokenGrant,
  type TokenResponse,
  type TokenStore,
} from 'tokenflight'

interface Client {
  tokenEndpoint: string
  clientId: string
  clientSecret: string
}

/** @param store Where several processes serve the same sessions: redisStore() or postgresStore(). */
export function createBackEnd(client: Client, store: TokenStore = memoryStore()) {
  const sessions = createTokenManagers({ store, grant: refreshTokenGrant(client) })
  const sessionOf = ({ headers: { cookie = '' } }: IncomingMessage) =>
    /(?:^|; )__Host-session=([^;]+)/.exec(cookie)?.[1]

  return {
    /** Where the authorization code flow ends: the tokens stay here, the browser gets a cookie. */
    async signIn(tokens: TokenResponse): Promise<string> {
      const session = randomUUID()
      await sessions.for(session).setTokens(tokens)
      return `__Host-session=${session}; Path=/; Secure; HttpOnly; SameSite=Strict`
    },

    /** POST /refresh */
    async refresh(request: IncomingMessage, response: ServerResponse): Promise<void> {
      // Nobody else's page may send it: forms cannot send JSON, and browsers say where a request comes from.
      const own = request.headers['sec-fetch-site'] === 'same-origin'
      if (!own || request.headers['content-type'] !== 'application/json') return void response.writeHead(403).end()
      const session = sessionOf(request)
      if (session === undefined) return void response.writeHead(401).end()
      try {
        const rejected = rejectedOf(await json(request))
        // However many tabs ask at once, and in however many processes: one token request.
        const { accessToken, tokenType, expiresAt } = await sessions.for(session).getAccessToken({ rejected })
        const expires_in = expiresAt === undefined ? undefined : Math.floor((expiresAt - Date.now()) / 1000)
        response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        response.end(JSON.stringify({ access_token: accessToken, token_type: tokenType, expires_in }))
      } catch (error) {
        const code = findTokenError(error)?.code
        const over = code === 'no_credential' || code === 'reauthorization_required'
        response.writeHead(over ? 401 : 503).end()
      }
    },

    /** The cookie is worth nothing from now on. */
    async signOut(request: IncomingMessage): Promise<void> {
      const session = sessionOf(request)
      if (session !== undefined) await sessions.for(session).clearTokens()
    },

    close: () => sessions.close(),
  }
}

function rejectedOf(body: unknown): string | undefined {
  return typeof body === 'object' && body !== null && 'rejected' in body && typeof body.rejected === 'string'
    ? body.rejected
    : undefined
}
