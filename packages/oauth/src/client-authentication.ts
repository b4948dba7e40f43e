import { type ClientAuth, ClientSecretBasic, ClientSecretPost, type CryptoKey, None, PrivateKeyJwt } from 'oauth4webapi'
import { notSent } from './grant-errors.ts'
import { invalidOption } from './invalid-option.ts'

/** IANA "OAuth Token Endpoint Authentication Methods". With an mTLS `fetch`, `none` is `tls_client_auth` (RFC 8705). */
export type ClientAuthenticationMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none'

/** The secret itself, or where it is to be read: asked before every token request, so a new secret needs no restart. */
export type ClientSecret = string | (() => string | Promise<string>)

/** Signs the client assertions; `kid` is the key's name in the client's JWKS. */
export type ClientPrivateKey = CryptoKey | { readonly key: CryptoKey; readonly kid?: string }

export interface ClientAuthenticationOptions {
  clientSecret?: ClientSecret
  privateKey?: ClientPrivateKey
  /** Default: `client_secret_basic` with a secret, `private_key_jwt` with a private key, else `none`. */
  clientAuthentication?: ClientAuthenticationMethod
}

/** How the client authenticates one request. `secrets` are those that go with it. */
export interface Authentication {
  apply: ClientAuth
  secrets: readonly string[]
}

/** Checks the options once; what it returns is called for every request. */
export function clientAuthentication(options: ClientAuthenticationOptions): () => Promise<Authentication> {
  const { clientSecret, privateKey } = options
  const method = chosenMethod(options)
  switch (method) {
    case 'client_secret_basic':
    case 'client_secret_post': {
      if (privateKey !== undefined) throw invalidOption('privateKey', `has no use with ${method}: leave it out`)
      const source = checkSecret(clientSecret, method)
      const authentication = method === 'client_secret_basic' ? ClientSecretBasic : ClientSecretPost
      return async () => {
        const secret = await readSecret(source)
        return { apply: authentication(secret), secrets: [secret] }
      }
    }
    case 'private_key_jwt': {
      if (clientSecret !== undefined)
        throw invalidOption('clientSecret', 'has no use with private_key_jwt: leave it out')
      // Signs anew, with a new `jti`, each time it is applied (RFC 7523 section 3).
      const authentication: Authentication = { apply: PrivateKeyJwt(checkKey(privateKey)), secrets: [] }
      return async () => authentication
    }
    case 'none': {
      if (clientSecret !== undefined)
        throw invalidOption('clientSecret', "has no use with 'none': leave it out, or choose a method")
      if (privateKey !== undefined)
        throw invalidOption('privateKey', "has no use with 'none': leave it out, or choose private_key_jwt")
      const authentication: Authentication = { apply: None(), secrets: [] }
      return async () => authentication
    }
    default:
      throw invalidOption(
        'clientAuthentication',
        'must be one of client_secret_basic, client_secret_post, private_key_jwt, none',
      )
  }
}

function chosenMethod(options: ClientAuthenticationOptions): ClientAuthenticationMethod {
  if (options.clientAuthentication !== undefined) return options.clientAuthentication
  for (const option of ['clientSecret', 'privateKey'] as const) {
    // A missing environment variable must not quietly make a confidential client a public one.
    if (option in options && options[option] === undefined) {
      throw invalidOption(
        option,
        "is undefined: give it a value, or leave it out (or say clientAuthentication: 'none') for a public client",
      )
    }
  }
  if (options.clientSecret !== undefined && options.privateKey !== undefined) {
    throw invalidOption('clientSecret', 'and privateKey exclude each other: give one')
  }
  if (options.clientSecret !== undefined) return 'client_secret_basic'
  return options.privateKey === undefined ? 'none' : 'private_key_jwt'
}

function checkSecret(secret: ClientSecret | undefined, method: string): ClientSecret {
  if (typeof secret === 'function' || (typeof secret === 'string' && secret !== '')) return secret
  throw invalidOption(
    'clientSecret',
    `is needed for ${method}: a string that is not empty, or a function that returns one`,
  )
}

async function readSecret(source: ClientSecret): Promise<string> {
  if (typeof source === 'string') return source
  let secret: unknown
  try {
    secret = await source()
  } catch {
    // What it threw is not passed on: it is about a secret.
    throw notSent('the clientSecret function failed')
  }
  if (typeof secret === 'string' && secret !== '') return secret
  throw notSent('the clientSecret function returned no secret (a string that is not empty)')
}

function checkKey(privateKey: ClientPrivateKey | undefined): ClientPrivateKey {
  if (privateKey === undefined) throw invalidOption('privateKey', 'is needed for private_key_jwt')
  const named = isNamed(privateKey)
  const key: unknown = named ? privateKey.key : privateKey
  const kid: unknown = named ? privateKey.kid : undefined
  if (!(key instanceof globalThis.CryptoKey)) {
    throw invalidOption(
      'privateKey',
      'must be a CryptoKey or { key: CryptoKey, kid? }: import PEM or JWK with crypto.subtle.importKey',
    )
  }
  if (key.type !== 'private' || !key.usages.includes('sign')) {
    throw invalidOption('privateKey', "must be a private key with the usage 'sign'")
  }
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) {
    throw invalidOption('privateKey.kid', 'must be a string that is not empty, or left out')
  }
  return privateKey
}

function isNamed(privateKey: ClientPrivateKey): privateKey is Exclude<ClientPrivateKey, CryptoKey> {
  return typeof privateKey === 'object' && privateKey !== null && 'key' in privateKey
}
