import { invalidOption } from './errors.ts'
import { scopesOf } from './scope.ts'
import type { TokenSet } from './token-set.ts'
import type { RenewableTokenSource } from './token-source.ts'
import type { AudienceTokens, TokenRecord } from './token-store.ts'
import { upkeepOf } from './upkeep.ts'
import type { Audience, Kept } from './view.ts'

/**
 * The same credential's access token for another resource server (RFC 8707), brought by the same refresh token. All who ask for this
 * resource and these scopes share it, in every process; redemptions for different audiences follow one another.
 *
 * @param tokens What createTokenManager() or `managers.for()` returned.
 * @param resource An absolute URI without a fragment.
 * @param options `scope`, space-separated: what is asked for there instead of all that was granted.
 * @throws TokenError `invalid_option`
 */
export function forResource(
  tokens: RenewableTokenSource,
  resource: string,
  options: { scope?: string | undefined } = {},
): RenewableTokenSource {
  return sourceFor(tokens, String(resource), options.scope)
}

/**
 * The same for servers that know audiences by their scopes (Microsoft Entra), and for a token that may do less (RFC 6749 section 6).
 *
 * @param scope Space-separated.
 * @throws TokenError `invalid_option`
 */
export function forScope(tokens: RenewableTokenSource, scope: string): RenewableTokenSource {
  return sourceFor(tokens, undefined, scope)
}

function sourceFor(tokens: RenewableTokenSource, resource: string | undefined, scope: string | undefined) {
  const source = upkeepOf(tokens)
  if (source === undefined)
    throw invalidOption('forResource() and forScope() take what createTokenManager() or managers.for() returned.')
  return source.forAudience(audienceOf(resource, scope))
}

function audienceOf(resource: string | undefined, scope: string | undefined): Audience {
  // RFC 8707 section 2: an absolute URI without a fragment, URL or URN.
  if (resource !== undefined && !/^[a-z][a-z\d+.-]*:[^\s#]+$/i.test(resource))
    throw invalidOption(
      'forResource() takes an absolute URI without a fragment (RFC 8707 section 2), such as https://api.example.com.',
    )
  const scopes = scopesOf(scope)
  if (scopes.length === 0 && (scope !== undefined || resource === undefined))
    throw invalidOption('`scope` must be scopes separated by spaces (RFC 6749 section 3.3).')
  // The order of scopes means nothing to a server: two spellings must not cost two requests. A scope may be a URI too, as a resource
  // is; `scope=` cannot begin one, and no name is one of Object's own.
  const sorted = [...scopes].sort().join(' ')
  const name = resource === undefined ? `scope=${sorted}` : `${resource} ${sorted}`.trimEnd()
  const sent = scopes.join(' ')
  return {
    name,
    asked: { ...(resource !== undefined && { resource }), ...(sent !== '' && { scope: sent }) },
    view: (record) => viewOf(record, name),
    merge: (current, view, now) => merge(current, name, view, now),
    mayJoin,
    previous: (current) => ({
      ...viewOf(current, name).tokens,
      ...sharedOf(current.tokens),
      ...(sent !== '' && { scope: sent }),
    }),
    // The resource owner must be asked about this resource; the refresh token may go on serving the others (Microsoft Entra).
    excuses: (error) => error === 'consent_required' || error === 'interaction_required',
  }
}

function viewOf(record: TokenRecord, audience: string): TokenRecord {
  const { tokens: base, refreshAt: _, kept, ...view } = record
  const own = entryOf(record, audience)
  return {
    ...view,
    ...(own && { tokens: { ...own.tokens, ...sharedOf(base) } }),
    ...(own?.refreshAt !== undefined && { refreshAt: own.refreshAt }),
    ...(kept && { kept: keptBy(kept, own?.afterRejection) }),
  }
}

/** A record's further audiences, the newest first; each costs an access token's length in every write. */
const atMost = 50

function merge(current: TokenRecord, audience: string, view: Kept, now: number): TokenRecord {
  const live = Object.entries(current.audiences ?? {})
    .filter(([name, { tokens }]) => name !== audience && now < (tokens.expiresAt ?? Number.POSITIVE_INFINITY))
    .sort(([, a], [, b]) => b.tokens.obtainedAt - a.tokens.obtainedAt)
    .slice(0, atMost - 1)
  const { tokens, refreshAt, kept, ...next } = view
  const own: AudienceTokens = { tokens: withoutShared(tokens) }
  if (refreshAt !== undefined) own.refreshAt = refreshAt
  if (kept?.afterRejection) own.afterRejection = true
  return {
    ...next,
    ...(current.tokens && { tokens: { ...withoutShared(current.tokens), ...sharedOf(tokens) } }),
    ...(current.refreshAt !== undefined && { refreshAt: current.refreshAt }),
    ...(kept && { kept: keptBy(kept, current.kept?.afterRejection) }),
    audiences: Object.fromEntries([[audience, own], ...live]),
  }
}

/** The same refresh token brought both, and that is all that came since: no sign-in, no refusal, and nobody holds a claim on it. */
function mayJoin({ tokens, kept, claim, state }: TokenRecord, base: TokenRecord): boolean {
  const presented = base.tokens?.refreshToken
  if (presented === undefined || tokens?.refreshToken !== presented) return false
  return kept !== undefined && claim === undefined && state === undefined
}

function keptBy(
  { claimId, presentation }: NonNullable<TokenRecord['kept']>,
  afterRejection: true | undefined,
): NonNullable<TokenRecord['kept']> {
  return { claimId, presentation, ...(afterRejection && { afterRejection }) }
}

function entryOf({ audiences }: TokenRecord, name: string): AudienceTokens | undefined {
  return audiences?.[name]
}

/** What all audiences of a credential have in common. */
function sharedOf(tokens: TokenSet | undefined): Pick<TokenSet, 'refreshToken' | 'refreshExpiresAt' | 'subject'> {
  const { refreshToken, refreshExpiresAt, subject } = tokens ?? {}
  return {
    ...(refreshToken !== undefined && { refreshToken }),
    ...(refreshExpiresAt !== undefined && { refreshExpiresAt }),
    ...(subject !== undefined && { subject }),
  }
}

function withoutShared({
  refreshToken: _,
  refreshExpiresAt: __,
  subject: ___,
  ...own
}: TokenSet): AudienceTokens['tokens'] {
  return own
}
