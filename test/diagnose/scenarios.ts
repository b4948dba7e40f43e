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

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const start = Date.UTC(2026, 9, 14, 8, 0, 0)

const by = (n: number, host = 'web-1') => ({ host, pid: 4100 + n, worker: `worker-${n}` })

function refreshed(at: number, user: string, who: Happening['by'], chance: Chance, ms = 120): Happening {
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

function failed(at: number, user: string, who: Happening['by'], answer: Answer, ms = 120): Happening {
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
function traffic(from: number, until: number, every: number, chance: Chance): Happening[] {
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
function race(
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

const vague: Answer = { status: 403, error: 'invalid_grant', description: 'Unknown or invalid refresh token.' }

/** Every access and secret is made up; what the authorization server says was asked of the simulator. */
export const scenarios: Scenario[] = [
  {
    name: 'race-four-workers',
    kinds: ['refresh_race'],
    lookAlike: false,
    formats: ['pino', 'python', 'journalJson'],
    tell: (answers, chance) => [
      ...traffic(start, start + 5 * minute, 6_000, chance),
      ...race(start + 2 * minute, 'u-1042', 4, answers, chance),
    ],
  },
  {
    name: 'race-vague-words',
    kinds: ['refresh_race'],
    lookAlike: false,
    formats: ['bunyan', 'logfmt', 'docker'],
    tell: (answers, chance) => [
      ...traffic(start, start + 5 * minute, 9_000, chance),
      ...race(start + 3 * minute, 'ada@example.com', 6, answers, chance, vague),
    ],
  },
  {
    name: 'race-one-process',
    kinds: ['refresh_race'],
    lookAlike: false,
    formats: ['winstonText', 'gzip'],
    tell: (answers, chance) => race(start, 'u-7', 9, answers, chance, vague, () => ({ host: 'web-1', pid: 900 })),
  },
  {
    name: 'race-three-hosts',
    kinds: ['refresh_race'],
    lookAlike: false,
    formats: ['journalIso', 'logfmt'],
    tell: (answers, chance) => race(start, 'tenant-88', 3, answers, chance, vague, (n) => by(n, `web-${n}`)),
  },
  {
    name: 'race-two-callers',
    kinds: ['refresh_race'],
    lookAlike: false,
    formats: ['pino', 'winstonJson'],
    tell: (answers, chance) => [
      ...traffic(start - minute, start + minute, 5_000, chance),
      ...race(start, 'u-31', 2, answers, chance),
    ],
  },
  {
    name: 'race-then-revoked',
    kinds: ['refresh_race', 'family_revoked'],
    lookAlike: false,
    formats: ['pino', 'python'],
    tell: (answers, chance) => [
      ...race(start, 'u-5', 5, answers, chance, vague),
      ...[1, 2, 3].flatMap((n) =>
        [1, 2].map((caller) => failed(start + n * hour + caller * 400, 'u-5', by(caller), answers.afterwards)),
      ),
    ],
  },
  {
    name: 'race-every-hour',
    kinds: ['refresh_race'],
    lookAlike: false,
    formats: ['winstonJson', 'logfmt'],
    tell: (answers, chance) =>
      [0, 1, 2, 3].flatMap((n) => [
        ...race(start + n * hour, `u-${20 + n}`, chance.between(3, 8), answers, chance, vague),
        ...traffic(start + n * hour, start + n * hour + 10 * minute, 40_000, chance),
      ]),
  },
  {
    name: 'race-in-an-access-log',
    kinds: ['refresh_race'],
    lookAlike: false,
    formats: ['nginx'],
    tell(answers, chance) {
      const one = { host: 'web-1', pid: 4112 }
      return [
        ...traffic(start, start + 5 * minute, 3_000, chance),
        ...race(start + minute, 'nobody', 7, answers, chance, answers.loser, () => one),
      ]
    },
  },
  {
    name: 'race-in-a-browser',
    kinds: ['refresh_race'],
    lookAlike: false,
    formats: ['har'],
    tell(answers, chance) {
      const token = chance.secret()
      const sent = `grant_type=refresh_token&client_id=spa&refresh_token=${token}`
      return race(start, 'nobody', 4, answers, chance).map((one) => {
        const { http } = one
        if (http === undefined) return one
        const answer =
          http.status === 200
            ? { access_token: chance.secret(), refresh_token: chance.secret() }
            : { error: 'invalid_grant' }
        return { ...one, http: { ...http, sent, answer: JSON.stringify(answer) } }
      })
    },
  },
  {
    name: 'stale-copy',
    kinds: ['family_revoked'],
    lookAlike: true,
    formats: ['pino', 'journalIso'],
    tell: (answers, chance) => [
      refreshed(start, 'u-61', by(1), chance),
      {
        ...failed(start + 40 * minute, 'u-61', by(2), answers.loser),
        message: 'token refresh failed: reuse detected, token family revoked',
      },
      ...[1, 2].map((n) => failed(start + 40 * minute + n * 20 * minute, 'u-61', by(1), answers.afterwards)),
    ],
  },
  {
    name: 'deploy-ends-all-logins',
    kinds: ['refresh_token_dead'],
    lookAlike: true,
    formats: ['pino', 'logfmt', 'docker'],
    tell: (answers, chance) =>
      Array.from({ length: 30 }, (_, n) => {
        const at = start + n * chance.between(2_000, 5_000)
        const user = `u-${300 + n}`
        const again = {
          at: at + chance.between(20, 90) * second,
          level: 'info',
          message: 'user signed in',
          fields: { user },
          by: by(1),
        } as const
        return n % 3 === 0
          ? [failed(at, user, by(1), answers.expired), again]
          : [failed(at, user, by(2), answers.expired)]
      }).flat(),
  },
  {
    name: 'expired-over-a-day',
    kinds: ['refresh_token_dead'],
    lookAlike: true,
    formats: ['bunyan', 'python'],
    tell: (_answers, chance) =>
      Array.from({ length: 18 }, (_, n) => {
        const at = start + n * chance.between(40, 80) * minute
        return [
          refreshed(at - chance.between(2, 50) * second, `u-${n}`, by(1), chance),
          failed(at, `u-${500 + n}`, by(chance.between(1, 3)), vague),
        ]
      }).flat(),
  },
  {
    name: 'password-reset',
    kinds: ['refresh_token_dead'],
    lookAlike: true,
    formats: ['winstonJson', 'winstonText'],
    tell: (_answers, chance) => [
      { at: start, level: 'info', message: 'password changed, sessions end', fields: { user: 'u-9' }, by: by(1) },
      ...[1, 2, 3, 4].map((n) =>
        failed(start + n * 300 + chance.between(0, 200), 'u-9', by(n), {
          status: 400,
          error: 'invalid_grant',
          description: 'Token has been revoked.',
        }),
      ),
      { at: start + 40 * second, level: 'info', message: 'user signed in', fields: { user: 'u-9' }, by: by(1) },
    ],
  },
  {
    name: 'idle-said',
    kinds: ['idle_expiry'],
    lookAlike: true,
    formats: ['logfmt', 'journalJson'],
    tell: (_, chance) => [
      ...traffic(start, start + 2 * minute, 7_000, chance),
      failed(start + minute, 'u-77', by(1), {
        status: 400,
        error: 'invalid_grant',
        description: 'AADSTS700082: The refresh token has expired due to inactivity.',
      }),
    ],
  },
  {
    name: 'idle-by-the-dates',
    kinds: ['idle_expiry'],
    lookAlike: true,
    formats: ['pino', 'bunyan'],
    tell: (_, chance) => [
      ...[0, 1, 2].map((n) => refreshed(start + n * hour, 'u-12', by(1), chance)),
      ...[0, 9, 18, 27].map((n) => refreshed(start + n * day, 'u-13', by(2), chance)),
      failed(start + 33 * day, 'u-12', by(1), vague),
    ],
  },
  {
    name: 'secret-rotated',
    kinds: ['client_authentication'],
    lookAlike: true,
    formats: ['pino', 'python', 'morgan'],
    tell: (answers, chance) =>
      Array.from({ length: 12 }, (_, n) => {
        const at = start + n * chance.between(5, 30) * second
        return n % 3 === 2 ? refreshed(at, `u-${n}`, by(2), chance) : failed(at, `u-${n}`, by(1), answers.client)
      }),
  },
  {
    name: 'throttled',
    kinds: ['throttled'],
    lookAlike: true,
    formats: ['logfmt', 'nginx'],
    tell: (answers, chance) => [
      ...Array.from({ length: 14 }, (_, n) => failed(start + n * 180, 'u-4', by(1), answers.throttled)),
      refreshed(start - 300, 'u-4', by(1), chance),
    ],
  },
  {
    name: 'outage',
    kinds: ['outage'],
    lookAlike: true,
    formats: ['pino', 'winstonText', 'nginx'],
    tell: (answers, chance) => [
      refreshed(start - minute, 'u-1', by(1), chance),
      ...Array.from({ length: 15 }, (_, n) =>
        failed(start + n * chance.between(500, 4_000), `u-${n % 5}`, by(1 + (n % 3)), answers.outage),
      ),
      refreshed(start + 5 * minute, 'u-2', by(2), chance),
    ],
  },
  {
    name: 'clocks-disagree',
    kinds: ['clock_skew'],
    lookAlike: true,
    formats: ['bunyan', 'logfmt'],
    tell: (_, chance) =>
      Array.from({ length: 5 }, (_, n) => ({
        at: start + n * chance.between(10, 60) * second,
        level: 'error' as const,
        message: 'access token rejected: JsonWebTokenError: jwt not active',
        fields: { user: `u-${n}`, nbf: '2026-10-14T08:01:30Z' },
        by: by(1),
      })),
  },
  {
    name: 'credential-file-torn',
    kinds: ['store_corrupt'],
    lookAlike: true,
    formats: ['pino', 'python'],
    tell: (_, chance) => [
      refreshed(start, 'cli', by(1), chance),
      {
        at: start + 3_000,
        level: 'error',
        message: 'cannot read /home/ada/.acme/credentials.json: SyntaxError: Unexpected end of JSON input',
        by: by(2),
      },
    ],
  },
  {
    name: 'refresh-token-lost',
    kinds: ['store_corrupt'],
    lookAlike: true,
    formats: ['winstonJson', 'journalIso'],
    tell: (_, chance) => [
      refreshed(start, 'u-90', by(1), chance),
      {
        at: start + hour,
        level: 'error',
        message: 'token refresh failed: stored credential has no refresh_token',
        fields: { user: 'u-90' },
        by: by(1),
      },
    ],
  },
  {
    name: 'load-test-of-invalid-tokens',
    kinds: ['refresh_token_dead'],
    lookAlike: true,
    formats: ['logfmt'],
    tell: (answers, chance) => [
      ...Array.from({ length: 120 }, (_, n) => {
        const one = failed(start + n * 150, 'x', by(1), answers.expired)
        return { ...one, fields: { error: 'invalid_grant', client_id: 'loadtest' } }
      }),
      ...[3, 9, 15].map((n) => refreshed(start + n * second, `u-${n}`, by(2), chance)),
    ],
  },
  {
    name: 'health-checks',
    kinds: [],
    lookAlike: true,
    formats: ['nginx'],
    tell: (_, chance) =>
      Array.from({ length: 40 }, (_, n) => ({
        at: start + n * 10 * second,
        level: 'info' as const,
        message: 'request completed',
        by: by(1),
        http: {
          method: chance.pick(['GET', 'POST']),
          path: chance.pick(['/api/me', '/healthz', '/oauth/token']),
          status: 401,
          ms: 3,
          address: '10.1.0.9',
          agent: 'kube-probe/1.31',
        },
      })),
  },
  {
    name: 'healthy',
    kinds: [],
    lookAlike: true,
    formats: ['pino', 'nginx'],
    tell: (_, chance) => [
      ...traffic(start, start + 10 * minute, 8_000, chance),
      ...Array.from({ length: 25 }, (_, n) =>
        refreshed(start + n * chance.between(5, 30) * second, `u-${n}`, by(1 + (n % 4)), chance),
      ),
    ],
  },
  {
    name: 'another-api-throttles',
    kinds: [],
    lookAlike: true,
    formats: ['pino'],
    tell: (_, chance) =>
      Array.from({ length: 20 }, (_, n) => ({
        at: start + n * chance.between(200, 900),
        level: 'warn' as const,
        message: 'rate limit exceeded: 30000 tokens per minute, used 29950',
        fields: { model: 'large', statusCode: 429 },
        by: by(1),
      })),
  },
  {
    name: 'retries-with-a-dead-token',
    kinds: ['refresh_token_dead'],
    lookAlike: true,
    formats: ['pino', 'journalJson'],
    tell: (answers, chance) => [
      ...[0, 1, 3, 7, 15, 31, 63].map((s) => failed(start + s * second, 'u-3', by(1), vague)),
      ...[2, 20, 60].map((s) => refreshed(start + s * second, 'u-8', by(1), chance)),
      failed(start + 3 * minute, 'u-3', by(1), answers.expired),
    ],
  },
]
