import { generateKeyPairSync } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Provider } from 'oidc-provider'
import type { Counts } from './counts.ts'
import { memory } from './memory.ts'
import { signInPage } from './sign-in-page.ts'

/** Where a token request can be made to wait. */
export interface Moments {
  /** It is on its way: nothing has been read yet. */
  before(request: IncomingMessage): Promise<void>
  /** It has been processed, the refresh token is spent, and the answer is not sent yet. */
  after(request: IncomingMessage): Promise<void>
}

export interface AuthorizationServer {
  readonly listener: RequestListener
  accepts(accessToken: string): Promise<boolean>
}

/**
 * oidc-provider as it comes, with rotation: each refresh token is good once, and a second use of one ends the whole sign-in
 * (RFC 9700 section 4.14.2).
 */
export function authorizationServer(
  issuer: string,
  app: string,
  moments: Moments,
  counts: Counts,
): AuthorizationServer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const provider = new Provider(issuer, {
    adapter: memory(),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'spa' }] },
    cookies: { keys: ['spa'] },
    clients: [
      {
        client_id: 'spa',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [`${app}/`],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    clientBasedCORS: () => true,
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      IdToken: 300,
      RefreshToken: 86_400,
      Grant: 86_400,
      Session: 86_400,
      Interaction: 600,
    },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
    },
    interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
    // Everybody consents.
    async loadExistingGrant({ oidc }) {
      const accountId = oidc.session?.accountId
      const grant = new provider.Grant({ clientId: 'spa', ...(accountId && { accountId }) })
      grant.addOIDCScope('openid')
      await grant.save()
      return grant
    },
  })

  const issued = new Set<string>()
  provider.on('access_token.saved', ({ jti }) => issued.add(jti))
  provider.on('grant.success', ({ oidc }) => {
    if (oidc.params?.['grant_type'] === 'refresh_token') counts.tokenRequests++
  })
  provider.on('grant.error', ({ oidc }) => {
    if (oidc.params?.['grant_type'] !== 'refresh_token') return
    counts.tokenRequests++
    counts.refused++
  })

  const respond = provider.callback()

  async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await moments.before(request)
    // Whoever sent it is gone: it never arrived.
    if (response.destroyed) return
    const end = response.end.bind(response)
    response.end = (chunk?: unknown) => {
      void moments.after(request).then(() => end(chunk))
      return response
    }
    await respond(request, response)
  }

  /** What no authorization server has: buttons for a demonstration. */
  async function demo(path: string, response: ServerResponse): Promise<void> {
    if (path === '/demo/expire') {
      for (const jti of issued) await (await provider.AccessToken.find(jti))?.destroy()
      issued.clear()
    }
    response.writeHead(200, { 'content-type': 'application/json', 'access-control-allow-origin': app })
    response.end(JSON.stringify(counts))
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'POST') {
      await provider.interactionFinished(request, response, { login: { accountId: 'amelia' } })
    } else {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(signInPage)
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', issuer)
    if (pathname.startsWith('/demo/')) return await demo(pathname, response)
    if (pathname.startsWith('/sign-in/')) return await signIn(request, response)
    if (pathname === '/token' && request.method === 'POST') return await token(request, response)
    await respond(request, response)
  }

  return {
    listener: (request, response) =>
      void answer(request, response).catch((error: unknown) => {
        console.error(error)
        response.destroy()
      }),
    accepts: async (accessToken) => (await provider.AccessToken.find(accessToken)) !== undefined,
  }
}
