import { isTokenError } from '@tokenflight/core'
import {
  type ClientAuthenticationMethod,
  type ProviderName,
  providers,
  type RefreshTokenGrantOptions,
} from '@tokenflight/oauth'
import { usageError } from '../failure.ts'
import { isSettingName } from './config-file.ts'
import { settings as definitions } from './definitions.ts'
import { missing } from './missing.ts'
import type { Settings } from './resolve.ts'

/** The options of a grant, and of a revocation. @throws CommandError */
export function clientOptions({ values }: Settings, clientSecret: string | undefined): RefreshTokenGrantOptions {
  const { clientId, clientAuthentication } = values
  if (clientId === undefined) throw missing('clientId')
  const method = isMethod(clientAuthentication) ? { clientAuthentication } : {}
  return { ...endpoint(values), clientId, ...method, ...(clientSecret === undefined ? {} : { clientSecret }) }
}

function endpoint(values: Settings['values']) {
  const { issuer, tokenEndpoint, algorithm, provider, providerOptions } = values
  if (issuer !== undefined && tokenEndpoint !== undefined)
    throw usageError(
      'issuer and tokenEndpoint exclude each other: give issuer for discovery, or tokenEndpoint without it.',
    )
  const habits = provider === undefined ? undefined : profileOf(provider)
  const known = habits === undefined ? {} : { provider: habits }
  if (issuer !== undefined) {
    const where = algorithm === 'oauth2' ? ({ algorithm: 'oauth2' } as const) : {}
    return { issuer, ...where, ...known }
  }
  if (tokenEndpoint !== undefined) return { tokenEndpoint, ...known }
  if (habits === undefined) throw missing('issuer', ', --token-endpoint or --provider')
  for (const name of Object.keys(providerOptions ?? {}))
    if (!Object.hasOwn(habits.placeholders ?? {}, name)) {
      const asked = Object.keys(habits.placeholders ?? {})
      throw usageError(
        `providerOptions: ${habits.title} asks for ${asked.length > 0 ? asked.join(', ') : 'nothing'}, not for ${name}.`,
      )
    }
  return { provider: habits, ...providerOptions }
}

function profileOf(provider: string) {
  if (isProvider(provider)) return providers[provider]
  throw usageError(
    `provider is no name that is known here. There are ${Object.keys(providers).join(', ')}; for any other server leave it out.`,
  )
}

function isProvider(name: string): name is ProviderName {
  return Object.hasOwn(providers, name)
}

function isMethod(method: string | undefined): method is ClientAuthenticationMethod {
  return method !== undefined && definitions.clientAuthentication.choices?.includes(method) === true
}

/** The same error with where the option came from: the library knows its name only. */
export function located(error: unknown, { origins }: Settings): unknown {
  if (!isTokenError(error) || error.code !== 'invalid_option') return error
  const [name = ''] = error.message.split(' ')
  const origin = isSettingName(name) ? origins[name] : undefined
  return origin === undefined ? error : usageError(`${error.message} (It comes from ${origin.label}.)`)
}
