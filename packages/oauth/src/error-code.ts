import { asksUser, meaningOf } from './error-codes.ts'

export interface ErrorCode {
  code: string
  /** Whether it is said the RFC's way: a top-level `error` that looks like a code. */
  standard: boolean
  /** Whether it is what the answer says first. Further words may be about something else. */
  first: boolean
}

/** The answer's error code, wherever servers hide it: a known one first, else the first that could be one. */
export function findErrorCode(body: unknown): ErrorCode | undefined {
  const found = candidates(body)
    .filter((value) => typeof value === 'string')
    .filter((value) => isCode.test(value))
  const { error, suberror } = fields(body)
  // Microsoft Entra ID says it inside invalid_grant: of the refresh token that says nothing, which may be good for other resources.
  const consent = error === 'invalid_grant' && asksUser(suberror) ? suberror : undefined
  const code = consent ?? found.find((value) => meaningOf(value) !== undefined) ?? found[0]
  if (code === undefined) return undefined
  return { code, standard: code === error && isRegisteredStyle.test(code), first: code === found[0] }
}

/** What may be repeated in a message: a code, never a sentence, and nothing that we sent or that is a piece of it. */
export function reportable(code: string, secrets: readonly string[]): string | undefined {
  if (!looksLikeCode.test(code)) return undefined
  const echoes = (secret: string) => code.includes(secret) || (code.length >= 8 && secret.includes(code))
  return secrets.some((secret) => secret !== '' && echoes(secret)) ? undefined : code
}

// RFC 6749 section 5.2: %x20-21 / %x23-5B / %x5D-7E.
const isCode = /^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,64}$/
const looksLikeCode = /^[\w.:-]{1,64}$/
// Web frameworks answer `"error": "Bad Request"` for anything; no registered code has a capital or a space.
const isRegisteredStyle = /^[a-z][a-z0-9_.-]*$/

/** Everything that could be a code; numbers are codes at some (Zoom), and the HTTP status at others. */
export function candidates(body: unknown): unknown[] {
  const top = fields(Array.isArray(body) ? body[0] : body) // Salesforce answers with an array
  const error = fields(top['error'])
  const errors = top['errors']
  const first = fields(Array.isArray(errors) ? errors[0] : undefined)
  return [
    top['error'],
    error['code'], // OpenAI
    error['type'], // Anthropic
    top['error_code'], // Supabase
    top['code'], // Supabase's newer answers; elsewhere a number
    top['status'], // HubSpot; elsewhere the HTTP status
    top['reason'],
    top['errorCode'],
    first['errorType'], // Fitbit
    first['errorCode'],
  ]
}

export function fields(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {}
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
