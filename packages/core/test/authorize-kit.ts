import { type AuthorizerOptions, createAuthorizer, type OutgoingRequest } from '../src/authorize.ts'
import type { Attempt, BearerRequest } from '../src/bearer-request.ts'
import type { AccessToken, TokenSource } from '../src/token-set.ts'

export const origin = 'https://api.example.com'

export function token(accessToken: string, tokenType = 'Bearer'): AccessToken {
  return { accessToken, tokenType, obtainedAt: 0 }
}

/** Hands out `a`, and `b` once `a` was rejected. */
export function source(): TokenSource & { asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = []
  let current = 'a'
  return {
    asked,
    async getAccessToken({ rejected } = {}) {
      asked.push(rejected)
      if (rejected === current) current = 'b'
      return token(current)
    },
  }
}

export function begin(
  tokens: TokenSource,
  request: Partial<OutgoingRequest> = {},
  options: AuthorizerOptions<unknown> = {},
) {
  const bearer = createAuthorizer(tokens, { origins: origin, ...options }).begin({ url: `${origin}/x`, ...request })
  if (bearer === undefined) throw new Error('not ours')
  return bearer
}

/** The `Authorization` value of the next attempt. */
export async function authorization(
  bearer: BearerRequest<unknown> | undefined,
  attempt?: Attempt,
): Promise<string | undefined> {
  return (await bearer?.authorize(attempt))?.authorization
}

export interface Seen {
  status: number
  wwwAuthenticate?: string | null
  redirects?: readonly (string | URL)[]
}

/** An answer as adapters tell it. */
export function told({ wwwAuthenticate, ...seen }: Seen) {
  return { ...seen, header: (name: string) => (name === 'www-authenticate' ? wwwAuthenticate : null) }
}

export async function thrownBy(work: unknown): Promise<unknown> {
  return Promise.resolve(work).then(
    () => 'nothing',
    (error: unknown) => error,
  )
}
