import type { TokenResponse } from '@tokenflight/core'
import type { Login } from './authorization-server.ts'

/** Whose refresh token was presented how often: the count behind `tokenRequests` and `replays`. */
export interface Ledger {
  open(first: TokenResponse): Login
  /** A token request that brought tokens. */
  redeemed(refreshToken: string, answer: { refresh_token?: string; expires_in?: number }): void
  /** A token request that brought an error. */
  refused(refreshToken: string): void
}

interface Entry {
  login: Login
  presented: number
  redeemed: boolean
}

export function createLedger(now: () => number = Date.now): Ledger {
  const entries = new Map<string, Entry>()
  const expiry = (seconds = 0): number => now() + seconds * 1000
  const own = (login: Login, refreshToken: string | undefined): void => {
    if (refreshToken !== undefined) entries.set(refreshToken, { login, presented: 0, redeemed: false })
  }
  return {
    open(first) {
      const login: Login = { first, tokenRequests: 0, replays: 0, expiresAt: expiry(first.expires_in) }
      own(login, first.refresh_token)
      return login
    },
    redeemed(refreshToken, answer) {
      const entry = entries.get(refreshToken)
      if (!entry) return
      const { login } = entry
      login.tokenRequests++
      // Of requests that cross, the refusal of one may be known before the success of another: those were replays too.
      login.replays += entry.presented++
      entry.redeemed = true
      login.expiresAt = expiry(answer.expires_in)
      own(login, answer.refresh_token)
    },
    refused(refreshToken) {
      const entry = entries.get(refreshToken)
      if (!entry) return
      entry.login.tokenRequests++
      entry.presented++
      if (entry.redeemed) entry.login.replays++
    },
  }
}
