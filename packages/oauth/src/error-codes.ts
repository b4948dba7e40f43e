import type { GrantOutcome } from '@tokenflight/core'

/** How a word ends a token request. */
export type Meaning = Exclude<GrantOutcome, 'not_sent'> | 'client_authentication_failed'

/**
 * What the words of token endpoints mean, in lower case. RFC 6749 section 5.2 first; the rest is what servers say instead of it,
 * each seen at the one named.
 */
const meanings: Record<Meaning, readonly string[]> = {
  // The refresh token is spent, revoked or expired, or the resource owner must be asked again.
  rejected: [
    'invalid_grant',
    'invalid_token', // Spring Security, an expired refresh token
    'invalid_refresh_token', // Slack
    'bad_refresh_token', // GitHub; HubSpot in capitals
    'invalid_code', // Zoho
    'refresh_token_reused', // OpenAI
    'refresh_token_expired', // OpenAI
    'refresh_token_invalidated', // OpenAI
    'refresh_token_already_used', // Supabase
    'refresh_token_not_found', // Supabase
    'session_expired', // Supabase
    'session_not_found', // Supabase
    'interaction_required', // Microsoft Entra ID, at the token endpoint too
    'consent_required',
    'login_required',
  ],
  // The client or its request is wrong. Nothing was spent, and the same request fails again.
  refused: [
    'invalid_request',
    'unauthorized_client',
    'unsupported_grant_type',
    'invalid_scope',
    'invalid_target', // RFC 8707
  ],
  // The same, and it is the client that is refused: another of its secrets may fare better.
  client_authentication_failed: [
    'invalid_client',
    'incorrect_client_credentials', // GitHub
    'bad_client_secret', // Slack
    'invalid_client_id', // Slack
  ],
  // Asked for patience, before doing anything.
  unavailable: [
    'temporarily_unavailable', // RFC 6749 section 4.1.2.1, used here by Microsoft Entra ID
    'slow_down', // RFC 8628 section 3.5
    'rate_limit_error', // Anthropic
  ],
  // Whoever sends it may have got any distance.
  unknown: ['server_error'],
}

const outcomes: ReadonlyMap<string, Meaning> = new Map(
  (['rejected', 'refused', 'client_authentication_failed', 'unavailable', 'unknown'] as const).flatMap((meaning) =>
    meanings[meaning].map((code): [string, Meaning] => [code, meaning]),
  ),
)

/** Undefined for a word that is in no list. */
export function meaningOf(code: string): Meaning | undefined {
  return outcomes.get(code.toLowerCase())
}

/** Whether the resource owner must be asked, and a new sign-in is how. */
export function asksUser(code: unknown): code is string {
  return code === 'consent_required' || code === 'interaction_required'
}
