import type { CustomFetchOptions } from 'oauth4webapi'
import type { RequestShape } from './providers/provider-profile.ts'

/** A token request as it goes to fetch. */
export interface EncodedRequest {
  url: string
  init: Omit<CustomFetchOptions<'POST', URLSearchParams>, 'body' | 'headers'> & {
    body?: URLSearchParams | string
    headers: Record<string, string>
  }
}

/**
 * The request that oauth4webapi has built (a form, RFC 6749 section 6), the way a provider wants it. With `query` the URL holds the
 * refresh token: it goes to fetch and nowhere else.
 */
export function encodeRequest(
  shape: RequestShape | undefined,
  url: string,
  init: CustomFetchOptions<'POST', URLSearchParams>,
): EncodedRequest {
  if (shape === undefined) return { url, init }
  const { format = 'form', clientIdHeader, grantType = true } = shape
  const body = new URLSearchParams(init.body)
  const headers = { ...init.headers }
  if (!grantType && body.has('refresh_token')) body.delete('grant_type')
  if (clientIdHeader !== undefined) {
    headers[clientIdHeader.toLowerCase()] = body.get('client_id') ?? ''
    body.delete('client_id')
  }
  if (format === 'form') return { url, init: { ...init, headers, body } }
  if (format === 'json') {
    headers['content-type'] = 'application/json'
    return { url, init: { ...init, headers, body: JSON.stringify(Object.fromEntries(body)) } }
  }
  const { body: _, ...bare } = init
  const { 'content-type': __, ...rest } = headers
  const target = new URL(url)
  for (const [name, value] of body) target.searchParams.set(name, value)
  return { url: target.href, init: { ...bare, headers: rest } }
}
