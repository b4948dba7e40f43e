/** One challenge of a `WWW-Authenticate` header: RFC 9110 section 11.6.1, and RFC 6750 section 3 for what Bearer puts in it. */
export interface Challenge {
  /** Lower case. */
  scheme: string
  token68?: string
  /** Names in lower case; where a name comes twice, the first counts. Has no prototype. */
  parameters: Readonly<Record<string, string>>
}

/**
 * The challenges of a `WWW-Authenticate` value; several header lines are joined with a comma first, as HTTP libraries do. Never
 * throws and takes linear time: the header comes from outside. What is not understood is left out, so that a broken parameter
 * costs itself and not its neighbours. Commas missing between parameters, as some servers send them, do no harm.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = []
  let parameters: Record<string, string> | undefined
  for (let at = 0; at < header.length; ) {
    const name = match(token, header, at)
    if (name === '') {
      // A separator, or something that begins no element.
      at = header[at] === '"' ? readQuoted(header, at).end : at + 1
      continue
    }
    at += name.length
    const equals = skipBlank(header, at)
    if (header[equals] === '=') {
      const from = skipBlank(header, equals + 1)
      const { value, end } = header[from] === '"' ? readQuoted(header, from) : readToken(header, from)
      if (parameters !== undefined && value !== undefined) parameters[name.toLowerCase()] ??= value
      at = end
      continue
    }
    parameters = Object.create(null) as Record<string, string>
    const challenge: Challenge = { scheme: name.toLowerCase(), parameters }
    challenges.push(challenge)
    const credentials = equals > at ? match(token68, header, equals) : ''
    const after = skipBlank(header, equals + credentials.length)
    // `Bearer realm=x` also begins like a token68; only what ends the element is one.
    if (credentials !== '' && (after === header.length || header[after] === ',')) {
      challenge.token68 = credentials
      at = after
    }
  }
  return challenges
}

/**
 * Whether a 401 asks for another token, which a refresh could bring. Without a readable challenge it is taken to; a broader scope is
 * another consent, not another token (RFC 6750 section 3.1).
 */
export function demandsToken(header: string | null | undefined): boolean {
  const challenges = header ? parseChallenges(header) : []
  return (
    challenges.length === 0 ||
    challenges.some(({ scheme, parameters: { error } }) => scheme === 'bearer' && error !== 'insufficient_scope')
  )
}

// RFC 9110 sections 5.6.2 and 11.2. One class, one quantifier: nothing to backtrack into.
const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const token68 = /[A-Za-z0-9\-._~+/]+=*/y

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

function skipBlank(text: string, at: number): number {
  let end = at
  while (text[end] === ' ' || text[end] === '\t') end++
  return end
}

function readToken(text: string, at: number): { value: string | undefined; end: number } {
  const value = match(token, text, at)
  return { value: value === '' ? undefined : value, end: at + value.length }
}

/** RFC 9110 section 5.6.4; no value where the closing quote is missing. */
function readQuoted(text: string, at: number): { value: string | undefined; end: number } {
  let value = ''
  let from = at + 1
  for (let end = from; end < text.length; end++) {
    if (text[end] === '"') return { value: value + text.slice(from, end), end: end + 1 }
    if (text[end] !== '\\') continue
    value += text.slice(from, end)
    from = end + 1
    end = from
  }
  return { value: undefined, end: text.length }
}
