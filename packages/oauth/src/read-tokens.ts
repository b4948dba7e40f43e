import { isObject } from './error-code.ts'
import type { ResponseShape } from './providers/provider-profile.ts'

/**
 * A token endpoint's answer in the form of RFC 6749 section 5.1, where its provider has another. What is there already is left as it
 * is.
 *
 * @param now Epoch milliseconds by the server's clock, where it is known: absolute times become lifetimes.
 * @param least Seconds for a time that is past. Default 0, "not stated": a token that has just been issued is not over, so either clock
 *   is wrong, and to believe it would spend a refresh token per request.
 */
export function readTokens(body: unknown, shape: ResponseShape | undefined, now: number, least = 0): unknown {
  if (shape === undefined || !isObject(body)) return body
  const { member, expiresAt, refreshExpiresIn, scopeArray } = shape
  const tokens: Record<string, unknown> = member === undefined ? { ...body } : lifted(body, member)
  // Some say null, or 0, for "not stated".
  if (expiresAt !== undefined && !tokens['expires_in']) {
    const end = epochSeconds(tokens[expiresAt])
    if (end !== undefined) tokens['expires_in'] = Math.max(least, Math.floor(end - now / 1000))
  }
  if (refreshExpiresIn !== undefined) tokens['refresh_token_expires_in'] ??= tokens[refreshExpiresIn]
  const { scope } = tokens
  if (scopeArray === true && Array.isArray(scope))
    tokens['scope'] = scope.filter((each) => typeof each === 'string').join(' ')
  return tokens
}

/**
 * The tokens move to the top, unless there are others: then they are another credential's. None stays in the member, which ends
 * among the fields that every holder of the access token sees.
 */
function lifted(body: Readonly<Record<string, unknown>>, member: string): Record<string, unknown> {
  const inner = Object.hasOwn(body, member) ? body[member] : undefined
  if (!isObject(inner)) return { ...body }
  const { access_token: _, refresh_token: __, ...rest } = inner
  return { ...body, ...(!('access_token' in body) && inner), [member]: rest }
}

function epochSeconds(value: unknown): number | undefined {
  // RFC 3339, with the offset: without one, Date.parse would take our own.
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value)) {
    const at = Date.parse(value)
    return Number.isNaN(at) ? undefined : at / 1000
  }
  const number = typeof value === 'string' && /^\d{9,11}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && number > 1e8 && number < 1e11 ? number : undefined
}
