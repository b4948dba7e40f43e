import { stripVTControlCharacters } from 'node:util'

/** Names whose values are nobody's business, also inside other names (`new_access_token`) and percent-encoded. */
const secretNames =
  'access_?token|refresh_?token|id_?token|auth_?token|token_?hint|subject_?token|actor_?token|device_?code|user_?code|client_?secret|secret|passw(?:or)?d|pass(?:phrase|code)?|pw|pwd|code_?verifier|code|assertion|client_?assertion|set-cookie|cookie|api[_-]?key|session_?(?:id|key|token)?|sid|csrf|[th]?otp|ott|pin(?:_?code)?|mfa|cv[vc]|rt|(?:private|access|secret|signing|encryption)[_-]?key|jwt|bearer|token|signature|sig|credentials?|authorization|dpop|nonce|state'
/** Words that follow such names in prose and in error codes; the names of things, not secrets. */
const plainValue =
  /^(?:\d{1,4}|true|false|null|undefined|none|expired|revoked|invalid\w*|E[A-Z_]+|[a-z]+(?:[_-][a-z]+)*)$/
/** What says in prose what is wrong with a secret, where even a word may be one: people choose words for passwords. */
const nameOfSecret =
  /(?:passw(?:or)?d|pass(?:phrase|code)?|pwd?|client_?secret|(?:access|refresh|id)_?token|api[_-]?key|otp|pin(?:_?code)?|mfa|cv[vc])$/i
/** `rt` is a refresh token, or nginx's response time. */
const responseTime = /^(?:\d+(?:\.\d+)?(?:[mu]?s)?|-)$/
const saidOfSecret =
  /^(?:true|false|yes|no|null|nil|none|undefined|expired|revoked|invalid\w*|missing|required|wrong|incorrect|empty|changed|reset|unknown|reused|rotated|string)$/i
// Its sign, and a value: to the quotation mark that ends it, or without any to what cannot belong to it.
const signAndValue = String.raw`((?:\\*["'])?(?:(?:\]|%5D)?(?:\s?[:=]\s?|%3[AaDd]|\s=>\s)|>|,\s?\\*["'][Vv]alue\\*["']\s?:\s?)(?:\[\s*)?)(?!\\*["']?\[redacted)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?:\\*["'])?(?:(?:[Bb]earer|[Bb]asic|DPoP|[Tt]oken) )?[^\s"'\\,;&<>{}()[\]|]+)`
const named = new RegExp(String.raw`((?<![A-Za-z])(?:[\w.-]{0,60}?[_.-])?(?:${secretNames}))${signAndValue}`, 'gi')
/** The same at the end of a name in camel case (`newRefreshToken`). */
const humped = new RegExp(
  `((?<=[a-z])(?:(?:Access|Refresh|Id)Token|Secret|Password|Passphrase|Passcode|Otp|Pin|(?:Api|Private|Secret)Key))${signAndValue}`,
  'g',
)
/** Without a sign between, only what no name of a thing looks like: letters and digits in one. */
const told =
  /((?:access|refresh|id|bearer)[ _-]tokens?|(?:passw(?:or)?d|pass(?:phrase|code)|secret) (?:is|was)|\btoken(?= ["'<]))( +["'<]?)(?=[\w.~+/-]*[A-Za-z])(?=[\w.~+/-]*\d)([\w.~+/-]{6,}=*)(?![\w=:@])/gi
/** `curl -u user:password`. */
const userOption = /((?:^|\s)(?:-u|--user)[ =]["']?[^\s:"']+:)[^\s"']+/g
/** Tokens that say by their first letters what they are. */
const marked =
  /\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|shp(?:at|rt|ss)_|ya29\.|[sr]k[-_](?:live|test|proj)[-_])[\w.-]{8,}/g
const cookies =
  /((?:set-)?cookie(?:\\*["'])?\s*[:=]\s*)(\[[^\]\r\n]+\]?|"(?:[^"\\\r\n]|\\.)+"?|\\*["'][^"'\r\n\\]+|[^"'\r\n\\]+(?:"[^"\r\n]*"[^"'\r\n\\]*)?)/gi
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
    .replace(marked, '[redacted]')
    .replace(userinfo, '$1[redacted]@')
    .replace(userOption, '$1[redacted]')
    .replace(cookies, (whole, name: string, value: string) =>
      plainValue.test(value.trim()) ? whole : `${name}${quoteOf(value)}[redacted]${/"$/.exec(value)?.[0] ?? ''}`,
    )
    .replace(schemes, '$1 [redacted]')
    .replace(named, withoutValue)
    .replace(humped, withoutValue)
    .replace(told, '$1$2[redacted]')
    .replace(uuid, (value, at: number, all: string) =>
      namesSomething.test(all.slice(Math.max(0, at - 40), at)) ? value : '[redacted]',
    )
    .replace(run, (value) => (!wholeUuid.test(value) && isOpaque(value) ? '[redacted]' : value))
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
}

function withoutValue(whole: string, name: string, sign: string, value: string): string {
  return isPlain(name, value) ? whole : `${name}${sign}${quoteOf(value)}[redacted]${/["']$/.exec(value)?.[0] ?? ''}`
}

function isPlain(name: string, value: string): boolean {
  const bare = value.slice(quoteOf(value).length).replace(/["']$/, '')
  if (/rt$/i.test(name) && responseTime.test(bare)) return true
  return bare === '' || (nameOfSecret.test(name) ? saidOfSecret : plainValue).test(bare)
}

function quoteOf(value: string): string {
  return /^\\*["']/.exec(value)?.[0] ?? ''
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
