import { subjectOf } from './subject.ts'
import type { TokenResponseParameters, TokenSet } from './token-set.ts'

const known = new Set([
  'access_token',
  'token_type',
  'expires_in',
  'refresh_token',
  'scope',
  'refresh_token_expires_in',
  'refresh_expires_in',
])

/**
 * What survives an answer of the token endpoint. A parameter that is omitted, null or empty keeps its previous value, with one
 * exception: lifetimes belong to the token they came with.
 *
 * - refresh token: the new one if there is one, else the old one stays good (RFC 6749 section 6).
 * - scope: omitted means unchanged (RFC 6749 sections 5.1 and 6).
 * - anything else (`id_token`, `instance_url`, ...): the new value, else the previous one. What JSON cannot hold is left out.
 *
 * @param requestedAt Epoch milliseconds when the request was sent: `expires_in` counts from there, never late by the way back.
 */
export function mergeTokens(
  previous: Partial<TokenSet> | undefined,
  answer: TokenResponseParameters,
  requestedAt: number,
): TokenSet {
  const refreshToken = text(answer.refresh_token)
  const rotated = refreshToken !== undefined && refreshToken !== previous?.refreshToken
  const lifetime = seconds(answer.expires_in)
  const refreshLifetime = seconds(answer.refresh_token_expires_in ?? answer.refresh_expires_in)

  const merged: TokenSet = {
    accessToken: answer.access_token,
    tokenType: text(answer.token_type) ?? previous?.tokenType ?? 'Bearer',
    obtainedAt: requestedAt,
  }
  if (lifetime !== undefined) merged.expiresAt = requestedAt + lifetime * 1000
  const kept = refreshToken ?? previous?.refreshToken
  if (kept !== undefined) merged.refreshToken = kept
  if (refreshLifetime !== undefined) merged.refreshExpiresAt = requestedAt + refreshLifetime * 1000
  else if (!rotated && previous?.refreshExpiresAt !== undefined) merged.refreshExpiresAt = previous.refreshExpiresAt
  const scope = text(answer.scope) ?? previous?.scope
  if (scope !== undefined) merged.scope = scope
  // OpenID Connect Core section 12.2: a refresh does not change whose tokens they are.
  const subject = previous?.subject ?? subjectOf(answer.id_token)
  if (subject !== undefined) merged.subject = subject
  const extra = mergeExtra(previous?.extra, answer)
  if (extra !== undefined) merged.extra = extra
  return merged
}

function mergeExtra(previous: Record<string, unknown> | undefined, answer: TokenResponseParameters) {
  const extra = new Map(Object.entries(previous ?? {}))
  for (const [name, value] of Object.entries(answer)) {
    if (!known.has(name) && value !== null && value !== '' && isStorable(value)) extra.set(name, value)
  }
  return extra.size > 0 ? Object.fromEntries(extra) : undefined
}

/** A grant of one's own may add anything to its answer; nothing of that is worth a refresh token that no store could keep. */
function isStorable(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}

/** Seconds; 3,000 years. What claims to live longer has no stated end, and times must stay JSON. */
const longestLifetime = 1e11

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * A lifetime in seconds. Servers send numbers and numeric strings; zero and negative values are sent by servers that mean "none
 * stated", and taking them at their word would spend one refresh token per request. Unknown means: used until refused.
 */
function seconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && number > 0 && number < longestLifetime ? number : undefined
}
