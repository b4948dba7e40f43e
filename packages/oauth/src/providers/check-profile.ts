import { invalidOption } from '../invalid-option.ts'
import { checkShape } from './profile-shape.ts'
import type { ProviderProfile } from './provider-profile.ts'

/**
 * The profile that the options give, if they give one: checked, and a copy, so that what is changed later changes no grant that is in
 * use, and no answer that brings a rotated refresh token is the first to meet a mistake in it.
 *
 * @param named Finds the one of a name. Default: names are not known.
 * @throws TokenError `invalid_option`
 */
export function checkProfile<Name extends string>(
  options: { provider?: Name | ProviderProfile },
  named?: (name: Name) => ProviderProfile,
): ProviderProfile | undefined {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'must be an object')
  const { provider } = options
  if (provider === undefined) {
    // A missing environment variable must not quietly make a known provider an unknown one.
    if ('provider' in options) throw invalidOption('provider', 'is undefined: give it a value, or leave it out')
    return undefined
  }
  if (typeof provider === 'string') {
    if (named !== undefined) return named(provider)
    throw invalidOption('provider', 'must be a profile here: names are for the functions without "lean"')
  }
  if (typeof provider !== 'object' || provider === null) throw invalidOption('provider', 'must be a name or a profile')
  const copy = copied(provider)
  checkShape(copy, 'provider')
  return copy
}

function copied(provider: ProviderProfile): ProviderProfile {
  try {
    return structuredClone(provider)
  } catch {
    throw invalidOption('provider', 'must be plain data: strings, numbers, arrays and objects')
  }
}
