import { invalidOption } from './invalid-option.ts'
import type { EndpointPlaceholders, ProviderProfile } from './providers/provider-profile.ts'

/** Every name, so that one that a provider has no use for is noticed rather than ignored. */
const names = [
  'domain',
  'host',
  'tenant',
  'authorizationServer',
  'region',
  'shop',
  'realm',
  'instance',
  'ref',
  'dc',
] as const

/** The endpoint with its gaps filled in. @throws TokenError `invalid_option`, which names the gap and shows an example. */
export function providerEndpoint(profile: ProviderProfile, template: string, given: EndpointPlaceholders): string {
  checkNames(profile, given)
  return template.replace(/\{(\/?)(\w+)\}(?=(.?))/g, (_, slash: string, name: string, next: string) => {
    const placeholder = names.find((known) => known === name)
    if (placeholder === undefined)
      throw invalidOption('provider.tokenEndpoint', `has a gap {${name}}; gaps that there are: ${names.join(', ')}`)
    const value = given[placeholder] ?? profile.placeholders?.[placeholder]?.default
    if (value === undefined && slash === '/') return ''
    const inHost = template.slice('https://'.length).split('/', 1)[0]?.includes(`{${name}}`) === true
    return slash + fill(profile, name, value, inHost ? next : 'path')
  })
}

function fill(profile: ProviderProfile, name: string, value: unknown, before: string): string {
  const { example, values } = Object.entries(profile.placeholders ?? {}).find(([known]) => known === name)?.[1] ?? {}
  const hint = `${profile.title}: ${example === undefined ? 'a string' : `such as ${example}`}`
  if (value === undefined) throw invalidOption(name, `is needed for ${hint}. Or give issuer or tokenEndpoint`)
  if (typeof value !== 'string') throw invalidOption(name, `must be a string for ${hint}`)
  if (values !== undefined && !values.includes(value))
    throw invalidOption(name, `must be one of ${values.join(', ')} for ${profile.title}. Or give tokenEndpoint`)
  if (before === 'path') {
    if (!/^[^/?#\s][^/?#]*$/.test(value) || /^\.+$/.test(value) || /\p{Surrogate}/u.test(value))
      throw invalidOption(name, `must be one name for ${hint}`)
    return encodeURIComponent(value)
  }
  const fits =
    before === '.' ? /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i : /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i
  if (!fits.test(value)) throw invalidOption(name, `must be that part of the host name alone, for ${hint}`)
  return value
}

/** @throws TokenError `invalid_option` */
export function checkNames(profile: ProviderProfile | undefined, given: EndpointPlaceholders): void {
  for (const name of names) {
    if (given[name] === undefined || profile?.placeholders?.[name] !== undefined) continue
    throw invalidOption(
      name,
      profile === undefined
        ? 'has no use next to issuer or tokenEndpoint: leave it out'
        : `is nothing that ${profile.title} asks for: leave it out`,
    )
  }
}
