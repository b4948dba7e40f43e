import { by, failed, hour, minute, race, type Scenario, start, traffic, vague } from './scenario.ts'

/** Every access and secret is made up; what the authorization server says was asked of the simulator. */
export const races: Scenario[] = [
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
]
