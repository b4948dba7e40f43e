/** What goes back over the wire. */
export interface Answer {
  status: number
  headers?: Record<string, string>
  body?: string
  /** `reset`: no answer at all, a TCP reset. `cut`: half of the body, then the connection closes. */
  delivery?: 'reset' | 'cut'
}

/** RFC 6749 section 5.1: an answer that holds tokens must not be stored. */
const tokenHeaders = { 'content-type': 'application/json', 'cache-control': 'no-store' }

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...tokenHeaders, ...headers }, body: JSON.stringify(value) }
}

/** RFC 6749 section 5.2. */
export function oauthError(
  status: number,
  error: string,
  description: string,
  headers: Record<string, string> = {},
): Answer {
  return json(status, { error, error_description: description }, headers)
}
