import { stripVTControlCharacters } from 'node:util'

/** Names whose values are nobody's business, also inside other names (`new_access_token`) and percent-encoded. */
const secretNames =
  'access_?token|refresh_?token|id_?token|auth_?token|token_?hint|subject_?token|actor_?token|device_?code|user_?code|client_?secret|secret|passw(?:or)?d|pwd|code_?verifier|code|assertion|client_?assertion|set-cookie|cookie|api[_-]?key|session_?(?:id|key|token)?|sid|csrf|otp|private_?key|jwt|bearer|token|signature|sig|credentials?|authorization|dpop|nonce|state'
/** Words that follow such names in prose and in error codes; the names of things, not secrets. */
const plainValue =
  /^(?:\d{1,4}|true|false|null|undefined|none|expired|revoked|invalid\w*|E[A-Z_]+|[a-z]+(?:[_-][a-z]+)*)$/
const named = new RegExp(
  String.raw`((?<![A-Za-z])(?:[\w.-]*?[_.-])?(?:${secretNames}))((?:\\*["'])?(?:\]|%5D)?(?:\s?[:=]\s?|%3[AaDd]|\s=>\s)(?:\\*["'])?)(?!\[redacted)((?:(?:Bearer|Basic|DPoP|Token) )?[^\s"'\\,;&<>{}()[\]|]+)`,
  'gi',
)
const cookies = /((?:set-)?cookie(?:\\*["'])?\s*[:=]\s*(?:\\*["'])?)([^"'\r\n\\]+)/gi
const schemes = /\b(Bearer|Basic|DPoP|Digest|Negotiate|Zoho-oauthtoken)([ +]|%20)+([\w.~+/=%-]{6,})/gi
const jwt = /\beyJ[\w-]{5,}(?:\.[\w-]*){1,4}/g
const userinfo = /(\b[a-z][a-z\d+.-]*:\/\/)[^\s/@"']+@/gi
const run = /[\w~+/%-]{16,}={0,2}/g
const uuid = /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi
const wholeUuid = new RegExp(`^${uuid.source}$`, 'i')
/** Where a UUID names something that lines are told apart by. */
const namesSomething =
  /(?:user|account|tenant|customer|org|client|request|req|trace|correlation|span|member|shop|workspace|team|subject|sub|uid|key|connection)[\w -]{0,12}["'\\]*[:= ]+["'\\]*$/i

/**
 * Text of a log as it may be shown to anybody: whatever is, or looks like, a token, code, secret, cookie or password is replaced, and control
 * characters are gone, which would act on a terminal. When in doubt it is replaced.
 */
export function redact(text: string): string {
  return stripVTControlCharacters(text)
    .replace(jwt, '[redacted]')
    .replace(userinfo, '$1[redacted]@')
    .replace(cookies, (whole, name: string, value: string) =>
      plainValue.test(value.trim()) ? whole : `${name}[redacted]`,
    )
    .replace(schemes, '$1 [redacted]')
    .replace(named, (whole, name: string, sign: string, value: string) =>
      plainValue.test(value) ? whole : `${name}${sign}[redacted]`,
    )
    .replace(uuid, (value, at: number, all: string) =>
      namesSomething.test(all.slice(Math.max(0, at - 40), at)) ? value : '[redacted]',
    )
    .replace(run, (value) => (!wholeUuid.test(value) && isOpaque(value) ? '[redacted]' : value))
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
}

/** Whether nobody can have thought of it: long, and mixed as words, paths, dates and numbers are not. */
function isOpaque(value: string): boolean {
  if (/^[\d.+-]+$/.test(value)) return false
  // A path is judged by its parts, unless it is none: base64 has slashes as well.
  const parts = value.split('/').filter((part) => part !== '')
  if (
    parts.length > 1 &&
    parts.every((part) => !isOpaque(part)) &&
    !(value.length >= 32 && mixed(value.replaceAll('/', '')) > 0.35)
  )
    return false
  const bare = value.replace(/[=%]+$/, '')
  if (/^[\da-f]{20,}$/i.test(bare) && /\d/.test(bare)) return true
  if (bare.length >= 20 && /^[A-Za-z]+$/.test(bare))
    return /[a-z]/.test(bare) && /[A-Z]/.test(bare) && mixed(bare) > 0.4
  return (
    bare.length >= 16 &&
    /\d/.test(bare) &&
    /[A-Za-z]/.test(bare) &&
    mixed(bare) > 0.22 &&
    !/^\d{4}-\d\d-\d\dT/.test(bare)
  )
}

/** How often neighbours are of different classes (lower, upper, digit), of all neighbours. */
function mixed(text: string): number {
  const classes = [...text]
    .map((char) => (/[a-z]/.test(char) ? 1 : /[A-Z]/.test(char) ? 2 : /\d/.test(char) ? 3 : 0))
    .filter((c) => c > 0)
  const changes = classes.filter((c, n) => n > 0 && c !== classes[n - 1]).length
  return changes / Math.max(1, classes.length - 1)
}
