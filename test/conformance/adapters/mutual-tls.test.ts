import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, Agent as HttpsAgent } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { withBearer as withAxiosBearer } from '@tokenflight/axios'
import { createTokenManager, findTokenError, type TokenManager, type TokenSource } from '@tokenflight/core'
import { withBearer } from '@tokenflight/fetch'
import { withBearer as withGotBearer } from '@tokenflight/got'
import { withBearer as withKyBearer } from '@tokenflight/ky'
import { refreshTokenGrant } from '@tokenflight/oauth'
import axios from 'axios'
import got from 'got'
import ky from 'ky'
import { Agent, fetch as undiciFetch } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { selfSigned } from './self-signed.ts'

interface Certified {
  key: string
  cert: string
}

interface Server {
  origin: string
  ca: string
  /** What became of each request. */
  seen: string[]
  /** The API refuses this token from now on. */
  end(accessToken: string): void
}

/**
 * One host that is token endpoint and API. The client is who has the certificate (self_signed_tls_client_auth, RFC 8705 section 2.2),
 * and its tokens are of use to nobody else (section 3).
 */
async function open(client: Certified): Promise<Server> {
  const own = selfSigned()
  const registered = thumbprint(new X509Certificate(client.cert).raw)
  const bound = new Map<string, string>()
  const seen: string[] = []
  let serial = 0
  const server = createServer({ ...own, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const { raw } = (request.socket as TLSSocket).getPeerCertificate()
    const presented = raw === undefined ? 'none' : thumbprint(raw)
    request.resume().on('end', () => {
      if (request.url === '/token') {
        const known = presented === registered
        if (known) bound.set(`A${++serial}`, presented)
        seen.push(known ? `A${serial}` : 'invalid_client')
        const tokens = { access_token: `A${serial}`, token_type: 'Bearer', refresh_token: `R${serial}`, expires_in: 60 }
        response.setHeader('content-type', 'application/json')
        response.writeHead(known ? 200 : 401).end(JSON.stringify(known ? tokens : { error: 'invalid_client' }))
        return
      }
      const token = String(request.headers.authorization).replace('Bearer ', '')
      const good = bound.get(token) === presented
      seen.push(`${token} ${good ? 200 : 401}`)
      if (!good) response.setHeader('www-authenticate', 'Bearer error="invalid_token"')
      response.writeHead(good ? 200 : 401).end('ok')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const end = (token: string) => void bound.delete(token)
  return { origin: `https://127.0.0.1:${address.port}`, ca: own.cert, seen, end }
}

function thumbprint(certificate: Buffer): string {
  return createHash('sha256').update(certificate).digest('base64url')
}

/** A fetch that shows the certificate. Node's own does not take the dispatchers of another undici. */
function mutualFetch({ key, cert }: Certified, ca: string): typeof fetch {
  const dispatcher = new Agent({ connect: { key, cert, ca } })
  onTestFinished(() => dispatcher.close())
  const send = (input: string | Request, init: object = {}) => {
    const { url, ...given } = typeof input === 'string' ? { url: input } : fieldsOf(input)
    return undiciFetch(url, { ...given, ...init, dispatcher })
  }
  // To the compiler, the Request and Response of two fetches have nothing to do with each other.
  return send as unknown as typeof fetch
}

/** ky passes a Request, and that of Node is none to another fetch. */
function fieldsOf({ url, method, headers }: Request) {
  return { url, method, headers: [...headers] }
}

async function signIn({ origin, ca }: Server, certified: Certified): Promise<TokenManager> {
  const tokens = createTokenManager({
    grant: refreshTokenGrant({
      tokenEndpoint: `${origin}/token`,
      clientId: 'app',
      clientAuthentication: 'none',
      fetch: mutualFetch(certified, ca),
    }),
    coolDown: 0,
  })
  onTestFinished(() => tokens.close())
  await tokens.setTokens({ access_token: 'A0', refresh_token: 'R0' })
  return tokens
}

type Send = (url: string) => Promise<number>
type Client = (tokens: TokenSource, certified: Certified, server: Server) => Send

const clients: [string, Client][] = [
  [
    'fetch',
    (tokens, certified, { origin, ca }) => {
      const api = withBearer(mutualFetch(certified, ca), tokens, { origins: origin })
      return async (url) => (await api(url)).status
    },
  ],
  [
    'axios',
    (tokens, certified, { origin, ca }) => {
      const httpsAgent = new HttpsAgent({ ...certified, ca, keepAlive: true })
      onTestFinished(() => httpsAgent.destroy())
      const api = withAxiosBearer(
        axios.create({ adapter: 'http', baseURL: origin, httpsAgent, validateStatus: () => true }),
        tokens,
      )
      return async (url) => (await api.get(url)).status
    },
  ],
  [
    'got',
    (tokens, { key, cert }, { origin, ca }) => {
      const https = { key, certificate: cert, certificateAuthority: ca }
      const api = withGotBearer(got.extend({ https, throwHttpErrors: false, retry: { limit: 0 } }), tokens, {
        origins: origin,
      })
      return async (url) => (await api(url)).statusCode
    },
  ],
  [
    'ky',
    (tokens, certified, { origin, ca }) => {
      const fetch = mutualFetch(certified, ca)
      const api = withKyBearer(ky.create({ fetch, throwHttpErrors: false, retry: 0 }), tokens, { origins: origin })
      return async (url) => (await api(url)).status
    },
  ],
]

describe.each(clients)('mutual TLS (RFC 8705), %s', (_, client) => {
  it('a token that is bound to the certificate works, and is replaced where it is refused', async () => {
    const certified = selfSigned()
    const server = await open(certified)
    const tokens = await signIn(server, certified)
    const send = client(tokens, certified, server)
    expect([await send(`${server.origin}/1`), await send(`${server.origin}/2`)]).toEqual([200, 200])
    server.end('A1')
    expect(await send(`${server.origin}/3`)).toBe(200)
    expect(server.seen).toEqual(['A0 401', 'A1', 'A1 200', 'A1 200', 'A1 401', 'A2', 'A2 200'])
  })

  it('it is of no use with another certificate: one replay, and an ordinary 401', async () => {
    const certified = selfSigned()
    const server = await open(certified)
    const send = client(await signIn(server, certified), selfSigned(), server)
    expect(await send(`${server.origin}/`)).toBe(401)
    expect(server.seen).toEqual(['A0 401', 'A1', 'A1 401'])
  })
})

describe('mutual TLS at the token endpoint', () => {
  it('with another certificate the client is refused, in words that say so', async () => {
    const server = await open(selfSigned())
    const tokens = await signIn(server, selfSigned())
    const failed = tokens.getAccessToken({ rejected: 'A0' }).catch((thrown: unknown) => thrown)
    expect(findTokenError(await failed)).toMatchObject({ code: 'invalid_client' })
    expect(server.seen).toEqual(['invalid_client'])
  })
})
