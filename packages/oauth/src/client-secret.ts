import { type Rotating, type SecretSource, secretSource } from './client-secret-source.ts'
import { invalidOption } from './invalid-option.ts'

/**
 * The secret, or several while they rotate: newest first, at most 4. Or where they are to be read: a function is asked before every
 * token request, so a new secret needs no restart.
 */
export type ClientSecret = Rotating<string>

/** @throws TokenError `invalid_option` */
export function clientSecrets(clientSecret: ClientSecret | undefined, method: string): SecretSource<string> {
  return secretSource('clientSecret', clientSecret, (secret) => {
    if (typeof secret === 'string' && secret !== '') return secret
    throw invalidOption(
      'clientSecret',
      `is needed for ${method}: a string that is not empty, a list of them, or a function that returns either`,
    )
  })
}
