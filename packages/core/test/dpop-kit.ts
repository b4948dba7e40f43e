import { type AuthorizerOptions, createAuthorizer } from '../src/authorize.ts'
import type { Answer } from '../src/bearer-request.ts'
import { defineProve } from '../src/proof.ts'
import type { AccessToken, ProofRequest, TokenSource } from '../src/token-set.ts'

export const origin = 'https://api.example.com'

/** Hands out `a`, and `b` once `a` was rejected; both are bound to a key, whose proofs are numbered. */
export function source(overrides: Partial<TokenSource> = {}) {
  const asked: (string | undefined)[] = []
  const proven: ProofRequest[] = []
  let current = 'a'
  return {
    asked,
    proven,
    async getAccessToken({ rejected }: { rejected?: string | undefined } = {}): Promise<AccessToken> {
      asked.push(rejected)
      if (rejected === current) current = 'b'
      return { accessToken: current, tokenType: 'DPoP', obtainedAt: 0 }
    },
    prove: defineProve(async (request: ProofRequest) => `h.p${proven.push(request)}.s`),
    ...overrides,
  }
}

export function begin(
  tokens: TokenSource,
  url = `${origin}/x`,
  method = 'GET',
  options: AuthorizerOptions<unknown> = {},
) {
  const authorizer = createAuthorizer(tokens, { origins: [origin, 'https://other.example'], ...options })
  const bearer = authorizer.begin({ url, method })
  if (bearer === undefined) throw new Error('not ours')
  return bearer
}

export function told(status: number, headers: Record<string, string> = {}, redirects?: string[]): Answer {
  return { status, header: (name) => headers[name] ?? null, ...(redirects && { redirects }) }
}
