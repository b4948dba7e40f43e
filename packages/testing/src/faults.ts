import { type Answer, json, oauthError } from './answer.ts'

/**
 * What goes wrong with one token request. Plain data, so that it can also be sent as JSON. `consume` says whether the request is
 * processed first, so that the refresh token is spent and only the answer is lost; default false unless noted.
 */
export type Fault = { consume?: boolean } & (
  | { /** Nothing goes wrong: a place holder in a script. */ fault: 'none' }
  | {
      fault: 'unavailable'
      /** Default 503. */
      status?: number
      /** Seconds, in Retry-After (RFC 9110 section 10.2.3). Default: no such header. */
      retryAfter?: number
      /** Default `seconds`; `http-date` counts from the server's clock. */
      retryAfterFormat?: 'seconds' | 'http-date'
      /** OAuth `error` in a JSON body. Default: a plain text body. */
      error?: string
    }
  | { /** TCP reset in place of the answer. */ fault: 'reset' }
  | { /** No answer until `releaseHangs()`, then as if nothing had been. */ fault: 'hang' }
  | { /** Not an OAuth answer at all. */ fault: 'garbage'; shape: GarbageShape }
  | { /** Half of the real answer, then the connection closes. `consume` is true by default. */ fault: 'truncated' }
  | { /** The real answer, form-encoded. `consume` is true by default. */ fault: 'form_encoded' }
  | { /** Status 200 with an error in the body, as GitHub does it. */ fault: 'error_with_200'; error?: string }
  | { /** An OAuth error that repeats the request's secrets. */ fault: 'echo'; status?: number; error?: string }
  | { fault: 'answer'; status: number; headers?: Record<string, string>; body?: string }
)

/**
 * `text`, `empty`, `array`, `null`, `huge` (1 MiB) come with status 200 as `application/json`, `no_token` is a JSON object without
 * a token, `html` a proxy's 502 page.
 */
export type GarbageShape = 'text' | 'empty' | 'array' | 'null' | 'no_token' | 'huge' | 'html'

const garbage: Record<GarbageShape, Answer> = {
  text: { status: 200, body: 'this is not JSON' },
  empty: { status: 200, body: '' },
  array: { status: 200, body: '[]' },
  null: { status: 200, body: 'null' },
  no_token: { status: 200, body: '{"ok":true}' },
  huge: { status: 200, body: JSON.stringify({ padding: 'x'.repeat(1024 * 1024) }) },
  html: {
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>',
  },
}

const names: Record<Fault['fault'], true> = {
  none: true,
  unavailable: true,
  reset: true,
  hang: true,
  garbage: true,
  truncated: true,
  form_encoded: true,
  error_with_200: true,
  echo: true,
  answer: true,
}

/** For faults that come over the wire; their details are taken on trust. */
export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'fault' in value && Object.hasOwn(names, String(value.fault))
}

export function consumes(fault: Fault): boolean {
  if (fault.fault === 'none') return true
  return fault.consume ?? (fault.fault === 'truncated' || fault.fault === 'form_encoded')
}

/** The answer in place of `real`; `real` is undefined where the request was not processed. */
export function faultAnswer(fault: Fault, real: Answer | undefined, secrets: string[], now: number): Answer {
  switch (fault.fault) {
    case 'unavailable':
      return unavailable(fault, now)
    case 'reset':
      return { status: 0, delivery: 'reset' }
    case 'garbage': {
      const { status, headers = { 'content-type': 'application/json' }, body = '' } = garbage[fault.shape]
      return { status, headers, body }
    }
    case 'truncated':
      return { ...(real ?? json(200, { access_token: 'at_truncated' })), delivery: 'cut' }
    case 'form_encoded':
      return formEncoded(real)
    case 'error_with_200':
      return oauthError(200, fault.error ?? 'bad_refresh_token', 'The refresh token passed is incorrect or expired.')
    case 'echo':
      return oauthError(fault.status ?? 400, fault.error ?? 'invalid_grant', `Refused: ${secrets.join(' ')}`)
    case 'answer':
      return { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' }
    case 'none':
    case 'hang':
      return real ?? oauthError(500, 'server_error', 'The request was not processed.')
  }
}

function unavailable(fault: Extract<Fault, { fault: 'unavailable' }>, now: number): Answer {
  const { status = 503, retryAfter, retryAfterFormat = 'seconds', error } = fault
  const headers: Record<string, string> = {}
  if (retryAfter !== undefined)
    headers['retry-after'] =
      retryAfterFormat === 'seconds' ? String(retryAfter) : new Date(now + retryAfter * 1000).toUTCString()
  if (error !== undefined) return oauthError(status, error, 'Try again later.', headers)
  return { status, headers: { 'content-type': 'text/plain', ...headers }, body: 'Try again later.' }
}

function formEncoded(real: Answer | undefined): Answer {
  const parameters: unknown = JSON.parse(String(real?.body ?? '{}'))
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters ?? {})) form.set(name, String(value))
  return {
    status: real?.status ?? 200,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'cache-control': 'no-store' },
    body: form.toString(),
  }
}
