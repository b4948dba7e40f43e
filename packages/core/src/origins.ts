import { invalidOption as invalid } from './errors.ts'

/** Where an access token may go. */
export interface OriginOptions {
  /**
   * The origins that may receive the token: scheme, host and port, compared exactly, e.g. `https://api.example.com`, or a URL with
   * nothing else in it. Given, it replaces what the client's own base URL would say.
   */
  origins?: string | URL | readonly (string | URL)[] | undefined
  /** Also allows `http:` to hosts other than loopback, where anyone on the way can read the token. Default false. */
  allowInsecureOrigins?: boolean | undefined
}

/**
 * The set of allowed origins, as `URL.origin` spells them. `baseUrl` is the client's own, where it has one; its path is ignored.
 *
 * @throws TokenError `invalid_option` that says what to pass, so that a mistake shows at set-up and not in a request.
 */
export function allowedOrigins(options: OriginOptions, baseUrl?: string | URL): ReadonlySet<string> {
  const { origins, allowInsecureOrigins = false } = options
  if (origins === undefined) {
    const base = baseUrl === undefined ? undefined : parse(String(baseUrl))
    if (base === undefined || !isWeb(base)) throw invalid(noOrigin)
    return new Set([checkTransport(base, allowInsecureOrigins)])
  }
  const listed: readonly unknown[] = Array.isArray(origins) ? origins : [origins]
  if (listed.length === 0) throw invalid(noOrigin)
  return new Set(listed.map((entry) => checkTransport(parseOrigin(entry), allowInsecureOrigins)))
}

/** Which of the allowed origins the URL has; undefined for any other, for what is not http, and where it brings credentials of its own. */
export function plainOrigin(url: string | URL, origins: ReadonlySet<string>): string | undefined {
  if (typeof url === 'string') {
    // Spelled as the URL parser would spell it, an origin ends at the first of these or with the string: most URLs need no parsing.
    for (const origin of origins) {
      if (url.startsWith(origin) && '/?#'.includes(url.charAt(origin.length))) return origin
    }
    return URL.canParse(url) ? plainOrigin(new URL(url), origins) : undefined
  }
  // A blob: URL has the origin of the page that made it, and no server.
  const plain = isWeb(url) && url.username === '' && url.password === ''
  return plain && origins.has(url.origin) ? url.origin : undefined
}

/** Undefined for what is no absolute URL. */
export function originOf(url: string | URL): string | undefined {
  if (typeof url !== 'string') return url.origin
  return URL.canParse(url) ? new URL(url).origin : undefined
}

const noOrigin =
  "No origin to lock the token to: pass origins: 'https://api.example.com', or give the client an absolute base URL"

function parseOrigin(given: unknown): URL {
  if (typeof given !== 'string' && !(given instanceof URL)) throw invalid('origins takes strings and URLs')
  const entry = String(given)
  const shown = entry.includes('@') ? 'an entry with credentials' : JSON.stringify(entry)
  if (entry.includes('*')) throw invalid(`origins has no wildcards: list every origin instead of ${shown}`)
  const url = parse(entry)
  if (url === undefined || !isWeb(url)) throw invalid(`origins needs https:// and a host instead of ${shown}`)
  if (url.username !== '' || url.password !== '' || url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw invalid(`origins has no paths, a token is locked to a whole origin: pass '${url.origin}' instead of ${shown}`)
  return url
}

/** TLS is required (RFC 6750 section 5.3); loopback never leaves the machine. */
function checkTransport(url: URL, allowInsecure: boolean): string {
  if (url.protocol === 'http:' && !allowInsecure && !isLoopback(url.hostname))
    throw invalid(
      `${url.origin} would send the token in the clear: use https, or accept that by allowInsecureOrigins: true`,
    )
  return url.origin
}

/** 127.0.0.0/8, ::1, and the names that never leave the machine (RFC 6761 section 6.3), as the URL parser spells them. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function isWeb(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:'
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
