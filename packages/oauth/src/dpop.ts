import { defineProve, type Prove } from '@tokenflight/core'
import type { CryptoKeyPair } from 'oauth4webapi'
import { type DpopJwk, dpopKey } from './dpop-key.ts'
import { invalidOption } from './invalid-option.ts'

export interface DpopOptions {
  /**
   * What the tokens are bound to: a pair of WebCrypto (browsers keep one in IndexedDB, whose private half nobody can export), or a
   * private JWK (`generateDpopKey()`), for ES256, ES384, ES512 or EdDSA. Default: a new ES256 pair that ends with this process, and
   * with it the use of whatever tokens were kept.
   */
  key?: CryptoKeyPair | DpopJwk
}

/** A key that tokens are bound to, for the option `dpop` of the grants. It shows nothing of the key. */
export interface Dpop {
  /**
   * Signs the proof for one sending (RFC 9449 section 4.2). Grants and adapters call it; a login of your own does for its token
   * request.
   */
  readonly prove: Prove
  /** The public key's SHA-256 thumbprint (RFC 7638): `dpop_jkt` of the authorization request (RFC 9449 section 10). */
  thumbprint(): Promise<string>
}

/**
 * Proofs of possession (DPoP, RFC 9449): a stolen token is of no use without the key.
 *
 * @throws TokenError `invalid_option`
 */
export function createDpop(options: DpopOptions = {}): Dpop {
  // A key that could not be read must not quietly become a new one, to which no kept token is bound.
  if ('key' in options && options.key === undefined)
    throw invalidOption('key', 'is undefined: give it a value, or leave it out for a key that ends with this process')
  const prepare = dpopKey(options.key)
  let prepared: ReturnType<typeof prepare> | undefined
  const ready = () => {
    prepared ??= prepare()
    return prepared
  }
  return Object.freeze<Dpop>({
    prove: defineProve(async ({ method, url, accessToken, nonce }) => {
      const { alg, jwk, sign } = await ready()
      const { origin, pathname } = new URL(url)
      const header = { typ: 'dpop+jwt', alg, jwk }
      const claims = {
        jti: base64url(crypto.getRandomValues(new Uint8Array(16))),
        htm: method,
        htu: origin + pathname,
        iat: Math.floor(Date.now() / 1000),
        ...(accessToken !== undefined && { ath: await sha256(accessToken) }),
        ...(nonce !== undefined && { nonce }),
      }
      const input = [header, claims].map((part) => base64url(utf8(JSON.stringify(part)))).join('.')
      return `${input}.${base64url(new Uint8Array(await sign(utf8(input))))}`
    }),
    async thumbprint() {
      return sha256(JSON.stringify((await ready()).jwk))
    },
  })
}

async function sha256(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))))
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

/** RFC 7515 section 2. */
function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
