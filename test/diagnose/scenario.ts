import type { Answer, Answers } from './answers.ts'
import type { formats } from './formats.ts'
import type { Chance, Happening } from './happening.ts'

export interface Scenario {
  name: string
  /** What is to be found in it. */
  kinds: string[]
  /** Not the race, however it looks. */
  lookAlike: boolean
  formats: (keyof typeof formats)[]
  tell(answers: Answers, chance: Chance): Happening[]
}

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour
export const start = Date.UTC(2026, 9, 14, 8, 0, 0)

export const by = (n: number, host = 'web-1') => ({ host, pid: 4100 + n, worker: `worker-${n}` })

export function refreshed(at: number, user: string, who: Happening['by'], chance: Chance, ms = 120): Happening {
  const address = `10.1.0.${who.pid % 250}`
  return {
    at,
    level: 'info',
    message: 'access token refreshed',
    fields: { user, refresh_token: chance.secret() },
    by: who,
    http: { method: 'POST', path: '/oauth/token', status: 200, ms, address },
  }
}

export function failed(at: number, user: string, who: Happening['by'], answer: Answer, ms = 120): Happening {
  const { status, error = '', description = '' } = answer
  return {
    at,
    level: status >= 500 || status === 429 ? 'warn' : 'error',
    message: 'token refresh failed',
    fields: { user, ...(error === '' ? { err: `HTTP ${status}` } : { error, error_description: description }) },
    by: who,
    http: { method: 'POST', path: '/oauth/token', status, ms, address: `10.1.0.${who.pid % 250}` },
  }
}

/** Requests that have nothing to do with it. */
export function traffic(from: number, until: number, every: number, chance: Chance): Happening[] {
  const happenings: Happening[] = []
  for (let at = from; at < until; at += chance.between(every / 2, every * 1.5)) {
    const status = chance.pick([200, 200, 200, 204, 304, 404])
    const path = chance.pick(['/api/orders', '/api/invoices/17', '/healthz', '/api/tokens/usage', '/assets/app.js'])
    happenings.push({
      at,
      level: 'info',
      message: 'request completed',
      by: by(chance.between(1, 4)),
      http: { method: 'GET', path, status, ms: chance.between(2, 90), address: `10.1.0.${chance.between(2, 250)}` },
    })
  }
  return happenings
}

/** One of `n` gets tokens, the others are refused. */
export function race(
  at: number,
  user: string,
  n: number,
  answers: Answers,
  chance: Chance,
  loser: Answer = answers.loser,
  who: (n: number) => Happening['by'] = by,
): Happening[] {
  const winner = chance.between(0, n - 1)
  return Array.from({ length: n }, (_, caller) => {
    const late = chance.between(0, 260)
    const ms = 90 + late
    return caller === winner
      ? refreshed(at + 60, user, who(caller + 1), chance, 150)
      : failed(at + late, user, who(caller + 1), loser, ms)
  }).sort((a, b) => a.at - b.at)
}

export const vague: Answer = { status: 403, error: 'invalid_grant', description: 'Unknown or invalid refresh token.' }
