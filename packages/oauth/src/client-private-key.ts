import type { CryptoKey } from 'oauth4webapi'
import { type Rotating, type SecretSource, secretSource } from './client-secret-source.ts'
import { invalidOption } from './invalid-option.ts'

/** Signs the client assertions; `kid` is the key's name in the client's JWKS. */
export type ClientPrivateKey = CryptoKey | { readonly key: CryptoKey; readonly kid?: string }

/** @throws TokenError `invalid_option` */
export function clientPrivateKeys(privateKey: Rotating<ClientPrivateKey> | undefined): SecretSource<ClientPrivateKey> {
  if (privateKey === undefined) throw invalidOption('privateKey', 'is needed for private_key_jwt')
  return secretSource('privateKey', privateKey, checkKey)
}

/** What tells one key from another: its name, under which it may have been imported anew, or else the key itself. */
export function identityOf(privateKey: ClientPrivateKey): unknown {
  return isNamed(privateKey) ? (privateKey.kid ?? privateKey.key) : privateKey
}

function checkKey(value: unknown): ClientPrivateKey {
  const { key, kid } = isNamed(value) ? value : { key: value, kid: undefined }
  if (!(key instanceof globalThis.CryptoKey)) {
    throw invalidOption(
      'privateKey',
      'must be a CryptoKey or { key: CryptoKey, kid? }: import PEM or JWK with crypto.subtle.importKey',
    )
  }
  if (key.type !== 'private' || !key.usages.includes('sign')) {
    throw invalidOption('privateKey', "must be a private key with the usage 'sign'")
  }
  if (kid === undefined) return { key }
  if (typeof kid === 'string' && kid !== '') return { key, kid }
  throw invalidOption('privateKey.kid', 'must be a string that is not empty, or left out')
}

function isNamed<T>(value: T): value is Extract<T, { key: unknown }> {
  return typeof value === 'object' && value !== null && 'key' in value
}
