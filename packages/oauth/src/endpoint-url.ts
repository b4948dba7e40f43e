/**
 * What is wrong with a URL that secrets are to be sent to; undefined where nothing is. The text continues "issuer ..." or
 * "tokenEndpoint ..." and never repeats the URL, which may hold a password.
 */
export function endpointProblem(value: unknown, allowInsecureRequests: boolean): string | undefined {
  const url = parseUrl(value)
  if (url === undefined) return 'must be an absolute URL'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must be an https URL'
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password; use clientSecret'
  // RFC 6749 section 3.2. An empty fragment is not in `hash`, but is one.
  if (url.href.includes('#')) return 'must not have a fragment'
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowInsecureRequests) {
    return 'must use https: secrets are sent there (http is for loopback hosts, or set allowInsecureRequests: true)'
  }
  return undefined
}

function parseUrl(value: unknown): URL | undefined {
  if (value instanceof URL) return value
  if (typeof value !== 'string') return undefined
  try {
    return new URL(value)
  } catch {
    return undefined
  }
}

/** Names under `localhost` never leave the machine (RFC 6761 section 6.3); the URL parser has brought every spelling into one form. */
function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}
