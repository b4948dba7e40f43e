import type { RefreshTokenGrantOptions } from '@tokenflight/oauth'

/** How one provider is documented to behave, in literals of its own: nothing here is read from the profiles. */
export interface Fixture {
  /** What completes the options. */
  options: RefreshTokenGrantOptions
  /** The URL that refreshes go to. */
  endpoint: string
  format: 'form' | 'json' | 'query'
  authentication: 'basic' | 'post' | 'none'
  /** Parameters next to the refresh token and the client's own. */
  parameters: Record<string, string>
  headers: Record<string, string>
  /** Whether an answer brings a new refresh token. */
  rotates: boolean
  /** The answer to the n-th refresh. */
  tokens: (n: number) => Record<string, unknown>
  /** What becomes of a token whose answer was lost: it stays good, works once more for a while, or presenting it does harm. */
  lostAnswer: 'always' | 'again' | 'harm'
  dead: Answer
  throttled: Answer
  clientRefused?: Answer
}

export type Answer = [status: number, body: unknown, headers?: Record<string, string>]

type Told = Partial<Omit<Fixture, 'options' | 'endpoint'>>

// RFC 6749 and RFC 6585, where the provider has no habits, or none that are known.
const dead: Answer = [400, { error: 'invalid_grant' }]
const throttled: Answer = [429, {}, { 'retry-after': '7' }]

export const client = { clientId: 'client-1' }
export const confidential = { ...client, clientSecret: 's3cret-of-the-client' }

export function fixture(options: RefreshTokenGrantOptions, endpoint: string, told: Told): Fixture {
  const rotates = told.rotates ?? true
  return {
    options,
    endpoint,
    format: 'form',
    authentication: 'basic',
    parameters: { grant_type: 'refresh_token' },
    headers: { accept: 'application/json' },
    rotates,
    tokens: (n) => ({
      access_token: `A${n}`,
      token_type: 'Bearer',
      expires_in: 3600,
      ...(rotates && { refresh_token: `R${n}` }),
    }),
    lostAnswer: 'harm',
    dead,
    throttled,
    ...told,
  }
}
