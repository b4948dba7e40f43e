import { TokenError } from './errors.ts'
import { scopesOf } from './scope.ts'
import type { TokenSet } from './token-set.ts'
import type { AudienceTokens, TokenRecord } from './token-store.ts'

/**
 * One more audience of a credential: an access token of its own, brought by the same refresh token (RFC 8707 section 2.2). There is
 * one refresh token and one claim, so redemptions for all audiences follow one another; their tokens stand side by side in the record.
 */
export interface Audience {
  /** Names it in the record and in events. */
  readonly name: string
  /** RFC 8707 section 2. */
  readonly resource?: string
  /** Space-separated (RFC 6749 section 3.3). */
  readonly scope?: string
}

/** @throws TokenError `invalid_option` */
export function audienceOf(resource: string | undefined, scope: string | undefined): Audience {
  // RFC 8707 section 2: an absolute URI without a fragment, URL or URN.
  if (resource !== undefined && !(typeof resource === 'string' && /^[a-z][a-z\d+.-]*:[^\s#]+$/i.test(resource)))
    throw new TokenError(
      'invalid_option',
      'forResource() takes an absolute URI without a fragment (RFC 8707 section 2), such as https://api.example.com.',
    )
  if (scope === undefined && resource !== undefined) return { name: resource, resource }
  const scopes = scopesOf(scope)
  if (scopes.length === 0)
    throw new TokenError('invalid_option', '`scope` must be scopes separated by spaces (RFC 6749 section 3.3).')
  const sent = scopes.join(' ')
  if (resource === undefined) return { name: nameOf(scopes), scope: sent }
  return { name: `${resource} ${nameOf(scopes)}`, resource, scope: sent }
}

// The order of scopes means nothing to a server: two spellings must not cost two requests.
const nameOf = (scopes: string[]) => [...scopes].sort().join(' ')

/** A record as one audience sees it: its own access token in the place of the default one. */
export function viewOf(record: TokenRecord, audience: Audience | undefined): TokenRecord {
  if (audience === undefined) return record
  const { tokens: base, refreshAt: _, kept, ...view } = record
  const own = entryOf(record, audience.name)
  return {
    ...view,
    ...(own && { tokens: { ...own.tokens, ...sharedOf(base) } }),
    ...(own?.refreshAt !== undefined && { refreshAt: own.refreshAt }),
    ...(kept && {
      kept: {
        claimId: kept.claimId,
        presentation: kept.presentation,
        ...(own?.afterRejection && { afterRejection: true }),
      },
    }),
  }
}

/** A record's further audiences, the newest first; each costs an access token's length in every write. */
const atMost = 50

/** The way back from {@link viewOf}: `current`, with what one audience has made of its view of it. */
export function withView(
  current: TokenRecord,
  audience: Audience | undefined,
  view: TokenRecord & { tokens: TokenSet },
  now: number,
): TokenRecord {
  const live = Object.entries(current.audiences ?? {})
    .filter(([name, { tokens }]) => name !== audience?.name && now < (tokens.expiresAt ?? Number.POSITIVE_INFINITY))
    .sort(([, a], [, b]) => b.tokens.obtainedAt - a.tokens.obtainedAt)
    .slice(0, audience === undefined ? atMost : atMost - 1)
  if (audience === undefined) return live.length === 0 ? view : { ...view, audiences: Object.fromEntries(live) }
  const { tokens, refreshAt, kept, ...next } = view
  const own: AudienceTokens = { tokens: withoutShared(tokens) }
  if (refreshAt !== undefined) own.refreshAt = refreshAt
  if (kept?.afterRejection) own.afterRejection = true
  return {
    ...next,
    ...(current.tokens && { tokens: { ...withoutShared(current.tokens), ...sharedOf(tokens) } }),
    ...(current.refreshAt !== undefined && { refreshAt: current.refreshAt }),
    ...(kept && {
      kept: {
        claimId: kept.claimId,
        presentation: kept.presentation,
        ...(current.kept?.afterRejection && { afterRejection: true }),
      },
    }),
    audiences: Object.fromEntries([[audience.name, own], ...live]),
  }
}

function entryOf({ audiences }: TokenRecord, name: string): AudienceTokens | undefined {
  // Any word may be a scope, `constructor` too.
  return audiences !== undefined && Object.hasOwn(audiences, name) ? audiences[name] : undefined
}

/** What all audiences of a credential have in common. */
export function sharedOf(
  tokens: TokenSet | undefined,
): Pick<TokenSet, 'refreshToken' | 'refreshExpiresAt' | 'subject'> {
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
