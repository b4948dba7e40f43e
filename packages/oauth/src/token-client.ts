import type { AuthorizationServer } from 'oauth4webapi'
import { clientAuthentication } from './client-authentication.ts'
import type { ClientOptions } from './client-options.ts'
import type { Authenticate } from './client-secret-rotation.ts'
import { provenTokenRequests, type SendProven } from './dpop-token-request.ts'
import { invalidOption } from './invalid-option.ts'
import type { ProviderProfile } from './providers/provider-profile.ts'
import { tokenEndpoint } from './token-endpoint.ts'

/** A client, checked: all that a token request needs. */
export interface TokenClient {
  clientId: string
  server: (signal: AbortSignal) => Promise<AuthorizationServer>
  authenticate: Authenticate
  /** Body parameters of every request, `scope` among them. */
  parameters: Readonly<Record<string, string>>
  headers: Readonly<Record<string, string>>
  fetch: typeof globalThis.fetch
  /** Where tokens are bound to a key. */
  sendProven: SendProven | undefined
  /** Whose way of asking and answering it is. */
  provider: ProviderProfile | undefined
}

/** @throws TokenError `invalid_option` */
export function tokenClient(
  options: ClientOptions,
  provider: ProviderProfile | undefined,
  grantType: 'refresh_token' | 'client_credentials',
): TokenClient {
  if (typeof options !== 'object' || options === null) throw invalidOption('options', 'must be an object')
  const { clientId, fetch = (input, init) => globalThis.fetch(input, init), allowInsecureRequests = false } = options
  if (typeof clientId !== 'string' || clientId === '')
    throw invalidOption('clientId', 'is needed: a string that is not empty')
  if (typeof fetch !== 'function') throw invalidOption('fetch', 'must be a function like the global fetch')
  if (typeof allowInsecureRequests !== 'boolean') throw invalidOption('allowInsecureRequests', 'must be true or false')
  const { clientIdHeader } = provider?.request ?? {}
  if (clientIdHeader !== undefined) checkHeaders({ [clientIdHeader]: clientId })
  return {
    clientId,
    server: tokenEndpoint(options, { fetch, allowInsecureRequests }, provider, grantType === 'refresh_token'),
    authenticate: clientAuthentication(atProvider(options, provider)),
    parameters: { ...checkParameters(provider?.request ?? {}), ...checkParameters(options) },
    headers: { ...checkHeaders(provider?.request?.headers), ...checkHeaders(options.headers) },
    fetch,
    sendProven: provenTokenRequests(options.dpop),
    provider,
  }
}

/** With the client authentication that the provider documents, where there is a secret and the caller does not say. */
function atProvider(options: ClientOptions, provider: ProviderProfile | undefined): ClientOptions {
  const { clientAuthentication = provider?.clientAuthentication, clientSecret, privateKey } = options
  if (clientAuthentication === undefined || clientSecret === undefined || privateKey !== undefined) return options
  return { ...options, clientAuthentication }
}

// Set by the grant and by client authentication.
const ownParameters = [
  'grant_type',
  'refresh_token',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
]
const ownHeaders = ['authorization', 'dpop', 'accept', 'content-type']
// Set by the connection. fetch fails on them before it sends, but not in a way that proves it.
const connectionHeaders = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
]

function checkParameters({ scope, parameters }: Pick<ClientOptions, 'scope' | 'parameters'>): Record<string, string> {
  const checked = checkStrings('parameters', parameters)
  const taken = ownParameters.find((name) => name in checked)
  if (taken !== undefined) throw invalidOption(`parameters.${taken}`, 'is set by the grant itself: leave it out')
  if (scope === undefined) return checked
  if (typeof scope !== 'string' || scope === '')
    throw invalidOption('scope', 'must be a string of scopes separated by spaces, or left out')
  if ('scope' in checked) throw invalidOption('parameters.scope', 'is the option scope: give it once')
  return { scope, ...checked }
}

function checkHeaders(headers: ClientOptions['headers']): Record<string, string> {
  const checked = checkStrings('headers', headers)
  for (const [name, value] of Object.entries(checked)) {
    if (ownHeaders.includes(name.toLowerCase())) {
      throw invalidOption(
        `headers.${name}`,
        'is set by the grant itself: leave it out (clientAuthentication sets authorization, dpop sets dpop)',
      )
    }
    if (connectionHeaders.includes(name.toLowerCase())) {
      throw invalidOption(`headers.${name}`, 'is set by the connection: leave it out')
    }
    try {
      new Headers([[name, value]])
    } catch {
      throw invalidOption('headers', 'must hold names and values that HTTP allows (RFC 9110 section 5)')
    }
  }
  return checked
}

function checkStrings(option: 'parameters' | 'headers', value: unknown): Record<string, string> {
  if (value === undefined) return {}
  const problem = `must be an object of strings${option === 'headers' ? ', not Headers' : ''}`
  if (typeof value !== 'object' || value === null || Symbol.iterator in value) throw invalidOption(option, problem)
  const checked: Record<string, string> = {}
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw invalidOption(`${option}.${name}`, 'must be a string')
    checked[name] = text
  }
  return checked
}
