import type { TokenRecord, TokenSet } from '@tokenflight/core'
import fc from 'fast-check'

/** Long enough to be a secret, and found by searching wherever it must not be. */
export const canary: fc.Arbitrary<string> = fc.stringMatching(/^[A-Za-z0-9_-]{20,40}$/).map((text) => `CANARY${text}`)

/** Any JSON, with names that are traps for objects and for us. */
export const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z_]{1,12}$/) },
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '',
    '0',
    '~',
    '/',
    'a/b',
    '~1',
    'tokenflight',
    'access_token',
  ),
  fc.string(),
)
// There and back, because JSON knows no minus zero.
export const json: fc.Arbitrary<fc.JsonValue> = fc
  .json({ maxDepth: 3 })
  .map((text) => JSON.parse(JSON.stringify(JSON.parse(text))))

/** An object of another program: none of the names that are ours. */
export const foreign: fc.Arbitrary<Record<string, fc.JsonValue>> = fc.dictionary(
  fc.oneof(fc.stringMatching(/^x_[a-z]{1,8}$/), fc.constantFrom('theme', 'constructor', 'toString', '', '~/')),
  json,
  { maxKeys: 5 },
)

const time = fc.integer({ min: 0, max: 4_000_000_000_000 })
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const count = fc.integer({ min: 0, max: 2 ** 40 })
const holder = fc.record({ host: fc.string({ minLength: 1 }), pid: fc.nat() }, { requiredKeys: ['host'] })

/** As our stores are given them: what is undefined is absent. */
export const tokenSet: fc.Arbitrary<TokenSet> = fc
  .record({
    accessToken: canary,
    tokenType: fc.constantFrom('Bearer', 'DPoP'),
    obtainedAt: time,
    expiresAt: optional(time),
    refreshToken: optional(canary),
    refreshExpiresAt: optional(time),
    scope: optional(fc.stringMatching(/^[a-z]{1,8}( [a-z]{1,8}){0,2}$/)),
    subject: optional(fc.string()),
    extra: optional(fc.dictionary(name, json, { minKeys: 1, maxKeys: 4 })),
  })
  .map(present)

export const tokenRecord: fc.Arbitrary<TokenRecord> = fc
  .record({
    tokens: tokenSet,
    revision: count,
    generation: count,
    refreshAt: optional(time),
    claim: optional(
      fc.record({ id: fc.uuid(), holder, claimedAt: time, presentation: fc.integer({ min: 1, max: 9 }), since: time }),
    ),
    kept: optional(fc.record({ claimId: fc.uuid(), presentation: fc.integer({ min: 1, max: 9 }) })),
    state: optional(fc.constant('reauthorization_required' as const)),
  })
  .map(present)

/** Without the names whose value is undefined, as JSON has it. */
function present<T>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return JSON.parse(JSON.stringify(value))
}
