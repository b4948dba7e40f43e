import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import { onTestFinished } from 'vitest'

export interface DpopApiOptions {
  /** The thumbprint of the key that a token is bound to; undefined where the token is not good. */
  boundTo(token: string): string | undefined | Promise<string | undefined>
  /** The nonce that proofs must hold at this moment. Default none. */
  nonce?: string | undefined
}

/** One request, as the API saw it. */
export interface SeenRequest {
  path: string
  method: string
  authorization: string | undefined
  dpop: string | undefined
  /** The proof's. */
  jti: string | undefined
  /** What was wrong; undefined for what was let through. */
  refused: 'token' | 'proof' | 'nonce' | undefined
}

export interface DpopApi {
  readonly url: string
  readonly seen: readonly SeenRequest[]
  /** May change at any time. */
  nonce: string | undefined
  /** Sent with every answer that is no 401, as the next nonce to use. */
  nextNonce: string | undefined
  /** So many of the next requests that would be let through are answered 503. */
  unavailable: number
  /** What a refused proof or token is answered with, besides the status. Default: by the book. */
  challenge: string | undefined
}

/** An API that checks proofs as RFC 9449 sections 4.3 and 7 say, with jose. `/redirect?to=&status=` redirects. */
export async function openDpopApi({ boundTo, nonce }: DpopApiOptions): Promise<DpopApi> {
  const seen: SeenRequest[] = []
  const jtis = new Set<string>()
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const api = {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    nonce,
    nextNonce: undefined as string | undefined,
    unavailable: 0,
    challenge: undefined as string | undefined,
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = '', method = '', headers } = request
    const { authorization } = headers
    const dpop = headers['dpop']?.toString()
    const entry: SeenRequest = { path, method, authorization, dpop, jti: undefined, refused: undefined }
    seen.push(entry)
    for await (const _ of request);
    entry.refused = await judge(entry)
    const to = new URL(path, api.url).searchParams
    if (entry.refused !== undefined) {
      const errors = { token: 'invalid_token', proof: 'invalid_dpop_proof', nonce: 'use_dpop_nonce' }
      if (entry.refused === 'nonce') response.setHeader('dpop-nonce', api.nonce ?? '')
      response.setHeader('www-authenticate', api.challenge ?? `DPoP error="${errors[entry.refused]}", algs="ES256"`)
      response.writeHead(401).end(entry.refused)
      return
    }
    if (api.nextNonce !== undefined) {
      api.nonce = api.nextNonce
      response.setHeader('dpop-nonce', api.nextNonce)
    }
    if (api.unavailable > 0) {
      api.unavailable--
      response.writeHead(503).end()
    } else if (path.startsWith('/redirect')) {
      response.writeHead(Number(to.get('status') ?? 302), { location: to.get('to') ?? '/' }).end()
    } else response.end('ok')
  }

  async function judge(entry: SeenRequest): Promise<SeenRequest['refused']> {
    const token = /^DPoP (.+)$/.exec(entry.authorization ?? '')?.[1]
    if (token === undefined) return 'token'
    const { payload, protectedHeader } = await jwtVerify(entry.dpop ?? '', EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256'],
      maxTokenAge: 60,
      requiredClaims: ['jti', 'htm', 'htu', 'ath'],
    }).catch(() => ({ payload: {}, protectedHeader: {} }) as Partial<Awaited<ReturnType<typeof jwtVerify>>>)
    if (payload === undefined || protectedHeader?.jwk === undefined) return 'proof'
    entry.jti = payload.jti
    if (payload['htm'] !== entry.method || payload['htu'] !== api.url + entry.path.split('?')[0]) return 'proof'
    if (payload['ath'] !== createHash('sha256').update(token).digest('base64url')) return 'proof'
    if (payload.jti === undefined || jtis.has(payload.jti)) return 'proof'
    jtis.add(payload.jti)
    if (api.nonce !== undefined && payload['nonce'] !== api.nonce) return 'nonce'
    const jkt = await boundTo(token)
    return jkt !== undefined && jkt === (await calculateJwkThumbprint(protectedHeader.jwk)) ? undefined : 'token'
  }
  return api
}
