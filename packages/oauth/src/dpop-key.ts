import type { CryptoKeyPair } from 'oauth4webapi'
import { invalidOption } from './invalid-option.ts'

/** A private key as a JWK (RFC 7517), as WebCrypto exports it and as JSON. Not by the name of lib.dom: types of Node alone must do. */
export interface DpopJwk {
  kty?: string
  crv?: string
  x?: string
  y?: string
  /** The secret. */
  d?: string
}

/** A key that proofs are signed with, ready for use. */
export interface DpopKey {
  /** JWS algorithm, RFC 7518 section 3.1 and RFC 8037. */
  alg: string
  /** The public half, with what RFC 7638 section 3.2 requires and nothing else. */
  jwk: Readonly<Record<string, string>>
  sign(data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
}

interface Algorithm {
  alg: string
  /** As a CryptoKey says it. */
  key: { name: string; namedCurve?: string }
  sign: { name: string; hash?: string }
}

const es256: Algorithm = {
  alg: 'ES256',
  key: { name: 'ECDSA', namedCurve: 'P-256' },
  sign: { name: 'ECDSA', hash: 'SHA-256' },
}
const algorithms: readonly Algorithm[] = [
  es256,
  { alg: 'ES384', key: { name: 'ECDSA', namedCurve: 'P-384' }, sign: { name: 'ECDSA', hash: 'SHA-384' } },
  { alg: 'ES512', key: { name: 'ECDSA', namedCurve: 'P-521' }, sign: { name: 'ECDSA', hash: 'SHA-512' } },
  { alg: 'EdDSA', key: { name: 'Ed25519' }, sign: { name: 'Ed25519' } },
]

/**
 * A new ES256 private key as a JWK, for tokens that outlive the process: keep it next to them, as carefully as a refresh token, and
 * hand it to `createDpop({ key })` each time.
 */
export async function generateDpopKey(): Promise<DpopJwk> {
  const { privateKey } = await generatePair(true)
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', privateKey)
  return { ...(kty && { kty }), ...(crv && { crv }), ...(x && { x }), ...(y && { y }), ...(d && { d }) }
}

/** Checks what can be checked at once; what it returns makes the key ready when it is first needed. */
export function dpopKey(given: CryptoKeyPair | DpopJwk | undefined): () => Promise<DpopKey> {
  if (given === undefined) return async () => ready(es256, await generatePair(false))
  if (typeof given !== 'object' || given === null)
    throw invalidOption('key', 'must be a CryptoKeyPair or a private JWK, or left out')
  if ('privateKey' in given) {
    const algorithm = checkPair(given)
    return () => ready(algorithm, given)
  }
  const { algorithm, jwk } = checkJwk(given)
  return async () => {
    const { d: _, ...open } = jwk
    const importKey = async (key: DpopJwk, use: 'sign' | 'verify') =>
      crypto.subtle.importKey('jwk', key, algorithm.key, use === 'verify', [use])
    try {
      const [privateKey, publicKey] = await Promise.all([importKey(jwk, 'sign'), importKey(open, 'verify')])
      return await ready(algorithm, { privateKey, publicKey })
    } catch {
      // What it threw may repeat the key.
      throw invalidOption('key', 'is a JWK that this platform cannot import: generateDpopKey() makes a good one')
    }
  }
}

async function generatePair(extractable: boolean): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, extractable, ['sign', 'verify'])
}

async function ready({ alg, sign }: Algorithm, { privateKey, publicKey }: CryptoKeyPair): Promise<DpopKey> {
  const { crv = '', kty = '', x = '', y } = await crypto.subtle.exportKey('jwk', publicKey)
  return {
    alg,
    // In the order in which the thumbprint takes them.
    jwk: { crv, kty, x, ...(y !== undefined && { y }) },
    sign: (data) => crypto.subtle.sign(sign, privateKey, data),
  }
}

const supported = algorithms.map(({ alg }) => alg).join(', ')

function checkPair({ privateKey, publicKey }: CryptoKeyPair): Algorithm {
  for (const key of [privateKey, publicKey]) {
    if (!(key instanceof CryptoKey)) throw invalidOption('key', 'must have a privateKey and a publicKey of WebCrypto')
  }
  if (privateKey.type !== 'private' || !privateKey.usages.includes('sign'))
    throw invalidOption('key.privateKey', "must be a private key with the usage 'sign'")
  if (publicKey.type !== 'public' || !publicKey.extractable)
    throw invalidOption('key.publicKey', 'must be a public key that can be exported: it is part of every proof')
  const { name, namedCurve }: KeyAlgorithm & { namedCurve?: string } = privateKey.algorithm
  const found = algorithms.find(({ key }) => key.name === name && key.namedCurve === namedCurve)
  if (found === undefined) throw invalidOption('key', `must be a key for one of ${supported}`)
  return found
}

function checkJwk({ kty, crv, x, y, d }: DpopJwk): { algorithm: Algorithm; jwk: DpopJwk } {
  const algorithm = algorithms.find(({ key }) => (key.namedCurve ?? key.name) === crv)
  if (algorithm === undefined || kty === undefined || x === undefined)
    throw invalidOption('key', `must be a JWK for one of ${supported}`)
  if (d === undefined) throw invalidOption('key', 'must be a private JWK, with its member d')
  return { algorithm, jwk: { kty, crv: crv ?? '', x, ...(y !== undefined && { y }), d } }
}
