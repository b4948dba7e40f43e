/** How a request that got no answer at all ended. */
export interface Failure {
  /** `not_sent` only where it is proven that nothing of the request reached the server. */
  outcome: 'not_sent' | 'unknown'
  /** The system's word for it, e.g. `ECONNREFUSED`, or fetch's. */
  code?: string
}

/**
 * Was it sent? Reads whatever `fetch` threw. A browser says nothing but "Failed to fetch", and a connection that was reset may
 * have been reset by a server that had just spent the refresh token: without proof the answer is `unknown`.
 */
export function classifyFailure(thrown: unknown): Failure {
  const code = findCode(thrown)
  const outcome = wasNeverSent(thrown, 5) ? 'not_sent' : 'unknown'
  return code === undefined ? { outcome } : { outcome, code }
}

interface SystemError {
  message?: unknown
  code?: unknown
  syscall?: unknown
  cause?: unknown
  errors?: unknown
}

function wasNeverSent(thrown: unknown, depth: number): boolean {
  if (!isSystemError(thrown) || depth === 0) return false
  const { message, code, syscall, cause, errors } = thrown
  // A host with several addresses (RFC 8305): one attempt per address, and each must be proven to have failed.
  if (Array.isArray(errors) && errors.length > 0) return errors.every((error) => wasNeverSent(error, depth - 1))
  if (typeof code === 'string') return provesNotSent(code, syscall)
  return (message === badPort && depth === 4) || wasNeverSent(cause, depth - 1)
}

function provesNotSent(code: string, syscall: unknown): boolean {
  if (resolving.test(code) || code === 'UND_ERR_CONNECT_TIMEOUT' || certificateRefused.has(code)) return true
  // These also end connections that were long established (a router's ICMP message, lost packets), so the system call counts.
  if (code === 'ETIMEDOUT') return syscall === 'connect'
  return connecting.has(code) && (syscall === undefined || syscall === 'connect')
}

/**
 * Fetch Standard, "port blocking", in the words of undici, which is the fetch of Node: its error's cause. Redirects, after which it would
 * prove nothing, are not followed.
 */
const badPort = 'bad port'
const resolving = /^(ENOTFOUND|EAI_[A-Z]+)$/
const connecting = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'])

// Our side refused the server's certificate, which ends the handshake before the request is written. A server that refuses OUR
// certificate says so (ERR_SSL_..._ALERT_...) only after TLS 1.3 has let the request go: no proof.
const certificateRefused = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

// Errors of a caller's own fetch may hold anything as their code; only what looks like the system's is repeated.
const systemCode = /^(E[A-Z0-9]{2,20}|EAI_[A-Z]{1,20}|(UND_)?ERR_[A-Z0-9_]{1,40})$/

function findCode(thrown: unknown): string | undefined {
  let at = thrown
  for (let depth = 0; depth < 5 && isSystemError(at); depth += 1) {
    const { code, message } = at
    if (typeof code === 'string' && (systemCode.test(code) || certificateRefused.has(code))) return code
    if (message === badPort) return badPort
    at = at.cause
  }
  return undefined
}

function isSystemError(value: unknown): value is SystemError {
  return typeof value === 'object' && value !== null
}
