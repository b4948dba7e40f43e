import { by, day, failed, hour, minute, refreshed, type Scenario, second, start, traffic, vague } from './scenario.ts'

/** What is not the race, and is something else or nothing. */
export const lookAlikes: Scenario[] = [
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
