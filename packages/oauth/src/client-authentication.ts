import { ClientSecretPost, None, PrivateKeyJwt } from 'oauth4webapi'
import { type ClientPrivateKey, clientPrivateKeys, identityOf } from './client-private-key.ts'
import { type ClientSecret, clientSecrets } from './client-secret.ts'
import { clientSecretBasic } from './client-secret-basic.ts'
import { type Authenticate, type Authentication, rotation } from './client-secret-rotation.ts'
import type { Rotating } from './client-secret-source.ts'
import { invalidOption } from './invalid-option.ts'

/** IANA "OAuth Token Endpoint Authentication Methods". With an mTLS `fetch`, `none` is `tls_client_auth` (RFC 8705). */
export type ClientAuthenticationMethod = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none'

export interface ClientAuthenticationOptions {
  clientSecret?: ClientSecret
  /** One key, or several while they rotate, newest first, at most 4; or a function, asked before every token request. */
  privateKey?: Rotating<ClientPrivateKey>
  /** Default: `client_secret_basic` with a secret, `private_key_jwt` with a private key, else `none`. */
  clientAuthentication?: ClientAuthenticationMethod
}

/** Checks the options once; what it returns is called for every request. */
export function clientAuthentication(options: ClientAuthenticationOptions): Authenticate {
  const { clientSecret, privateKey } = options
  const method = chosenMethod(options)
  switch (method) {
    case 'client_secret_basic':
    case 'client_secret_post': {
      if (privateKey !== undefined) throw invalidOption('privateKey', `has no use with ${method}: leave it out`)
      const authentication = method === 'client_secret_basic' ? clientSecretBasic : ClientSecretPost
      return rotation(clientSecrets(clientSecret, method), (secret) => ({
        apply: authentication(secret),
        secrets: [secret],
      }))
    }
    case 'private_key_jwt': {
      if (clientSecret !== undefined)
        throw invalidOption('clientSecret', 'has no use with private_key_jwt: leave it out')
      // Signs anew, with a new `jti`, each time it is applied (RFC 7523 section 3).
      return rotation(clientPrivateKeys(privateKey), (key) => ({ apply: PrivateKeyJwt(key), secrets: [] }), identityOf)
    }
    case 'none': {
      if (clientSecret !== undefined)
        throw invalidOption('clientSecret', "has no use with 'none': leave it out, or choose a method")
      if (privateKey !== undefined)
        throw invalidOption('privateKey', "has no use with 'none': leave it out, or choose private_key_jwt")
      const authentication: Authentication = { apply: None(), secrets: [] }
      return async (send) => ({ answer: await send(authentication), tried: 0 })
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
