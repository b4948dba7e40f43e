/**
 * What authorization servers, clients and stores say, by what it means. Where it comes from: RFC 6749 section 5.2, RFC 6750 section 3.1 and
 * the vendors' own words (Okta, Auth0, Entra ID, Google, Keycloak, Supabase, GitHub, Slack, Salesforce, Zoho, OpenAI and others).
 */

/** The refresh token was redeemed before. */
export const reused: RegExp = any(
  /refresh_token_(?:reused|already_used)|token_already_exchanged|detect_reuse|\bferrt\b/,
  /\breuse[ _-]?(?:was |has been |of \w+ )?detect|maximum allowed refresh token reuse|replay(?:ed)? (?:of )?(?:a |the )?refresh.?token/,
  /refresh[ _-]?token.{0,24}?\b(?:already|previously|been) (?:been )?(?:used|redeemed|consumed|exchanged|rotated|spent)\b/,
  /(?:already|previously) (?:been )?(?:used|redeemed|consumed|spent) refresh[ _-]?token/,
  /refresh[ _-]?token (?:was |has been |is )?(?:reused?|replay(?:ed)?|replay attempt)\b(?! (?:interval|window|allowed|disabled|enabled|detection (?:is|enabled)))/,
  /\breuse of (?:a |an |the )?(?:\w+ ){0,2}refresh[ _-]?token/,
)

/** More than this one token ended. */
export const family: RegExp = any(
  /(?:token )?(?:family|lineage|token chain)\b.{0,40}?\b(?:revok|invalidat|destroy|kill|terminat)/,
  /(?:revok|invalidat|destroy|kill|terminat)\w*\b.{0,30}?\b(?:token family|family|lineage|token chain|whole grant|entire grant|all (?:refresh )?tokens (?:of|for|in|issued))/,
  /(?:grant|session) (?:was |has been |is )?(?:revoked|destroyed|terminated|killed)\b.{0,40}?(?:reuse|replay|already used)/,
  /(?:reuse|replay|already used)\b.{0,60}?(?:grant|session|login) (?:was |has been |is )?(?:revoked|destroyed|terminated|killed)/,
)

/** Somebody meant to end the login. */
export const ended: RegExp = any(
  /(?:changed|re-?set|updated) (?:the|their|his|her|its|your|a) password|(?:all )?(?:sessions|logins) (?:were |have been |are )?(?:revoked|ended|invalidated|terminated)/,
  /password (?:was |has been )?(?:re-?set|changed)|password[ _.-](?:reset|change)[ _-]?(?:complete|done|success|event)?/,
  /(?:sign|log)(?:ed|ged)?[ _-]?out\b|consent (?:was )?(?:withdrawn|revoked)|(?:user|account) (?:was |has been |is )?(?:deactivated|disabled|deleted|suspended|locked)/,
  /(?:closed|deleted|revoked|disconnected|removed) at (?:an? |the )?(?:user|admin|owner|customer)'s request|account (?:\S+ )?(?:was |has been )?closed/,
  /(?:revoked|disconnected|uninstalled|removed) (?:by|on request of|at the request of) (?:an? |the )?(?:user|admin|owner|customer|operator)|AADSTS50173|tokens? revoked for user/,
)

/** A spent refresh token was answered once more, on purpose. */
export const tolerated: RegExp = any(
  /(?:with)?in (?:the |its |a )?(?:\w+ )?(?:grace|leeway|overlap|reuse)[ _-]?(?:period|window|interval)|tolerated|(?:reuse|replay)\w*(?: was| is)? (?:allowed|accepted)/,
)

/** Too long unused. */
export const idle: RegExp = any(
  /AADSTS(?:700082|70043)\b/,
  /\binactiv(?:e (?:for|too|since)|ity)\b|\bidle (?:time-?out|expir|life-?time|for|too|session|limit)|idle.{0,12}(?:expired|exceeded)/,
  /(?:not been|never|not) used (?:in|for|since) (?:the last |over |more than )?\d+ ?(?:d|day|week|month|h)|unused for/,
)

/** A login that was refused, or found to be over. */
export const ending: RegExp = any(/expired|ended|timed out|fail|error|invalid|reject|refus|denied|cannot|AADSTS/)

/** The client's own credentials. */
export const client: RegExp = any(
  /invalid_client|incorrect_client_credentials|unauthorized_client|invalid_client_secret|AADSTS(?:7000215|7000222|700016|7000218|700027)\b/,
  /client (?:authentication|assertion|credentials?) (?:has |was |is |are )?(?:failed|invalid|rejected|refused)|(?:invalid|bad|wrong|expired|unknown) client[ _-]?(?:secret|credentials?|id|authentication|assertion)/,
  /client[ _-]?secret (?:has |is |was |keys )?(?:expired|invalid|wrong|incorrect|revoked)/,
)

export const throttled: RegExp = any(
  /too many requests|rate[ _-]?limit(?:ed|_exceeded| exceeded|ing| hit)|\bthrottl(?:ed|ing)|slow_down|over_request_rate_limit|quota.?exceeded|made too many requests/,
)

export const unavailable: RegExp = any(
  /ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_\w+|ERR_NETWORK|ESOCKETTIMEDOUT/,
  /socket hang up|timed out|time-?out (?:of|after|exceeded|awaiting|waiting)|\btimeout\b|fetch failed|network error|connection (?:refused|reset|timed)|no route to host/,
  /temporarily_unavailable|server_error|service (?:is )?(?:temporarily )?unavailable|bad gateway|gateway time-?out|internal server error|upstream (?:connect|timed|prematurely)/,
)

export const skewed: RegExp = any(
  /jwt not active|not yet valid|not (?:valid|active) yet|used (?:too early|before)\b|issued in the future|\biat\b.{0,24}future|future.{0,12}\biat\b|AADSTS(?:700024|500133)\b/,
  /clock[ _-]?(?:skew|drift)|clock is (?:off|ahead|behind|wrong)|clocks? (?:differ|out of sync|are out)|\bnbf\b.{0,24}(?:fail|claim|check|future|later)|time (?:drift|skew)/,
)

/** What says that something went wrong at all; for words that also stand in settings. */
export const wrong: RegExp = any(
  /fail|error|invalid|reject|refus|denied|cannot|could not|unable|expected|\b4\d\d\b|warn|exception/,
)

/** A document that cannot be read. */
export const damaged: RegExp = any(
  /unexpected end of (?:json|file|input|data)|unexpected (?:token|non-whitespace|string|number|character|eof)|unterminated string|expected .{1,40}? in json|(?:not|in)valid json|malformed json/,
  /JSONDecodeError|json\.decoder|JsonReaderException|JSONException|truncated|(?:file|store|content) is (?:empty|corrupt)|0 bytes|zero[ -](?:bytes?|length)|corrupt(?:ed)?\b|store_corrupt/,
)

/** Where credentials are kept. */
export const store: RegExp = any(
  /credentials?\b|tokens?[ ._-]?(?:file|store|cache|json|record|db)|auth\.json|session[ ._-]?(?:file|store)|key(?:ring|chain)|store_corrupt/,
  /refresh[ _-]?token|stored token/,
)

/** The stored credential has no refresh token. */
export const missing: RegExp = any(
  /(?:missing|without|lacks?|undefined|null|empty|cannot read|has no|contains no|no) (?:an? |the |stored |required |property |properties of undefined \(reading )?(?:parameter:? )?["'(]*refresh[ _-]?token/,
  /refresh[ _-]?token["']? (?:is |was )?(?:missing|required|undefined|null|empty|absent|not set|must be)/,
  /refresh[ _-]?token not (?:found|present|stored) in (?:the )?(?:store|file|cred|cache|record|session|database|db)/,
)

/** An answer without a refresh token is no loss where the old one is kept. */
export const kept: RegExp = any(/keep(?:ing)?\b|\bkept\b|unchanged|retain|re-?using (?:the )?(?:old|previous|existing)/)

/** The refresh token is not accepted; the words do not say more. */
export const dead: RegExp = any(
  /invalid_grant|bad_refresh_token|invalid_refresh_token|refresh_token_(?:expired|invalidated|not_found|invalid|revoked)|session_(?:expired|not_found)|\bfertft\b/,
  /AADSTS(?:70008|700084|65001|50076|700003|54005)\b|interaction_required|consent_required|reauthorization_required|invalid_code\b/,
  /(?:unknown|invalid|expired|revoked|stale|bad|dead)(?: or \w+)? (?:access\/)?refresh[ _-]?token/,
  /refresh[ _-]?token (?:(?:passed|presented|provided|is|was|has|been|already|no|longer|not|or|may|have|are|incorrect|invalid|malformed) ){0,5}["']?(?:expired|revoked|invalid|not found|incorrect|unknown|valid(?= anymore)|rejected|refused|active)\b/,
  /refresh[ _-]?token (?:is |was )?no longer valid|stale token|(?:token|session) is not active|session not active|session doesn't have required client|token has been expired or revoked|REFRESH_TOKEN_ERROR/,
)

export const expired: RegExp = any(
  /expired\b(?!.{0,4}or revoked)|lifetime|max(?:imum)? age|too old|refresh_token_expired|AADSTS(?:70008|700084)\b/,
)
export const revoked: RegExp = any(/revok(?!ed, does not match)|invalidated/)

/** A token request that presents no refresh token. */
export const otherGrant: RegExp = any(
  /grant_?type["']?[=: ]+["']?(?:authorization_code|password|client_credentials|urn:)|\bgrant=(?:authorization_code|password|client_credentials)/,
)

/** Somebody signed in, or another grant than refresh_token brought tokens. */
export const signedIn: RegExp = any(
  otherGrant,
  /(?:signed|logged)[ _-]?in\b|(?:log|sign)[ _-]?in (?:succeeded|successful|success|ok|complete|done)|successful (?:log|sign)[ _-]?in|authorization[ _.-]code (?:exchange|grant)|re-?authenticated|re-?authorized/,
)

/** New tokens for a refresh token. */
export const refreshed: RegExp = any(
  /\b(?:token|credential|oauth|grant|access)s?\b.{0,80}\b(?:refreshed|renewed|rotated)\b|\b(?:refreshed|renewed|rotated)\b.{0,40}\b(?:token|credential|oauth|grant|access)s?\b/,
  /\b(?:token|oauth|credential)s?\b.{0,40}\b(?:refresh|renewal)\b.{0,40}\b(?:ok|success\w*|succeeded|done|completed?)\b|\brefresh(?:ing)? for .{1,60}\b(?:ok|succeeded|done)\b/,
  /refresh\w*["']?.{0,60}?\b(?:outcome|result|success|succeeded)["']?[=:]["' ]*(?:ok|success(?:ful)?|succeeded|true)\b/,
  /refresh(?:ed|ing)?[ _.:-]?(?:succeeded|success(?:ful(?:ly)?)?|ok|completed?|done|finished)\b|success(?:ful(?:ly)?)?[ _-](?:refresh|rotat|renew)\w*|TOKEN_REFRESHED|\bsertft\b/,
  /(?:tokens?|credentials?|access grant) (?:pair )?(?:was |were |has been |have been )?(?:successfully )?(?:refreshed|renewed|rotated)\b/,
  /(?:refreshed|renewed|rotated) (?:the |an? |its |their |new |oauth2? |stored |user(?:'s)? ){0,3}(?:access|oauth|bearer|refresh|id)?[ _-]?(?:token|credential|session|grant)/,
  /(?:got|received|obtained|stored|saved|issued|persisted|new) (?:an? )?(?:new |fresh |rotated )?(?:access|refresh)[ _-]?tokens? (?:pair )?(?:for|obtained|received|issued|stored|saved)|(?:got|received|obtained|stored|saved|issued) (?:an? )?(?:new|fresh) (?:access |refresh )?tokens?|REFRESH_TOKEN\b(?=.*success)|\btype["']?[=:]\s?["']?REFRESH_TOKEN\b/,
)

/** What only will be, or has not been. */
export const notYet: RegExp = any(
  /\bwill\b|about to|\bscheduled\b|\bscheduling (?:an? |the )?(?:token|refresh)|should|needs?\b|\bbefore\b|waiting|attempt|trying|start(?:ed|ing)?\b|begin|fail|error|denied|refused|invalid|unable|could not|cannot|not (?:be )?refreshed|\bnot\b|skipp/,
)

/** What makes rate limits and failures a matter of token requests. */
export const refreshing: RegExp = any(
  /refresh(?:ing|ed)?[ _-]?(?:the |an? )?(?:access |oauth2? |bearer |user |stored )?(?:token|grant|credential|session)|token[ _-]?(?:refresh|request|endpoint|renewal|exchange|rotation)|oauth|grant_type|openid-connect/,
)

/** Settings and reports of tests speak of all this, and nothing has happened. */
export const idleTalk: RegExp = any(
  /\b(?:settings?|config(?:ured|uration)?|options|features?)\b|\b(?:enabled|disabled)\b|(?:^|\n)(?:\d{4}-\d\d-\d\dT[\d:.]+Z?)?\s*[✓✔√✗×]|(?:^|\n)\s*(?:not )?ok \d+\b|\b(?:PASS|FAIL)\b.*\.(?:test|spec)\./,
)
/** Something that must have happened after all. */
export const happened: RegExp = any(/\bfail(?:ed|ure)?\b|"?error"?\b|refused|rejected|denied|exception|unauthori[sz]ed/)

/** One pattern, without regard to case. */
function any(...patterns: RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'), 'i')
}
