import { type Answer, json } from './answer.ts'
import type { Introspection } from './token-registry.ts'

/** The access token of `Authorization: Bearer …` (RFC 6750 section 2.1; the scheme's case does not matter). */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^bearer +(.+)$/i.exec(authorization ?? '')?.[1]
}

export interface Refusal {
  /** Bytes of the 401's body. Default: a small JSON object. */
  refusalBytes?: number | undefined
  /** The 401's WWW-Authenticate in place of the correct one; `none` for no such header. */
  challenge?: string | undefined
}

/** RFC 6750 section 3.1: a request without a token is told no error code. */
export function unauthorized({ refusalBytes, challenge }: Refusal, token: string | undefined, reason: string): Answer {
  const attributes = token === undefined ? '' : `, error="invalid_token", error_description="${reason}"`
  const headers: Record<string, string> =
    challenge === 'none' ? {} : { 'www-authenticate': challenge ?? `Bearer realm="api"${attributes}` }
  if (refusalBytes === undefined)
    return json(401, token === undefined ? { error: 'unauthorized' } : { error: 'invalid_token' }, headers)
  return { status: 401, headers: { 'content-type': 'text/plain', ...headers }, body: 'x'.repeat(refusalBytes) }
}

/** RFC 6750 section 3.1: the token is good, its scope is not enough; a new one of the same grant would not help. */
export function insufficientScope(scope: string): Answer {
  return json(
    403,
    { error: 'insufficient_scope' },
    { 'www-authenticate': `Bearer realm="api", error="insufficient_scope", scope="${scope}"` },
  )
}

export function reasonOf(verdict: Extract<Introspection, { active: false }>): string {
  return { expired: 'The access token expired', revoked: 'The access token was revoked', unknown: 'Not our token' }[
    verdict.reason
  ]
}
