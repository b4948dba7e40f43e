import { isDeepStrictEqual } from 'node:util'
import {
  createTokenManager,
  isTokenError,
  memoryStore,
  type StoredRecord,
  type TokenRecord,
  type TokenStore,
} from '@tokenflight/core'
import { postgresStore } from '@tokenflight/store-postgres'
import { redisStore } from '@tokenflight/store-redis'
import { createClock } from '@tokenflight/testing'
import fc from 'fast-check'
import { json, tokenRecord } from './arbitraries.ts'
import { expectNoSecret } from './secrets.ts'
import { withValue } from './stored-file.ts'
import { holds, type Target } from './target.ts'

/** What a database gives back for a record that was written there: that, or what somebody has made of it. */
const content = fc.tuple(
  tokenRecord,
  fc.nat(),
  json,
  fc.string(),
  fc.constantFrom('as written', 'cut', 'value', 'anything'),
)
/** The cells beside it. */
const cell = fc.oneof(fc.constant(null), fc.string(), fc.nat().map(String), fc.stringMatching(/^[\w-]{1,20}$/))

type Content = typeof content extends fc.Arbitrary<infer C> ? C : never

function textOf([record, at, value, text, kind]: Content): string {
  const whole = JSON.stringify(record)
  if (kind === 'as written') return whole
  if (kind === 'cut') return whole.slice(0, at % whole.length)
  return kind === 'value' ? JSON.stringify(withValue(record, at, value)) : text
}

function targetOf(name: string, open: (text: string, cells: (string | null)[]) => TokenStore): Target {
  return {
    name,
    property: fc.asyncProperty(content, fc.array(cell, { minLength: 2, maxLength: 2 }), async (given, cells) => {
      const [{ tokens }, , , , kind] = given
      const store = open(textOf(given), cells)
      let stored: StoredRecord
      try {
        stored = await store.read('key')
      } catch (error) {
        holds(isTokenError(error), `it threw ${String(error)}`)
        expectNoSecret(error, [tokens?.accessToken, tokens?.refreshToken])
        return
      }
      holds(typeof stored.version === 'string', 'there is no version')
      const { record } = stored
      if (record === undefined) return
      if (kind === 'as written')
        holds(isDeepStrictEqual(record, given[0]), `${JSON.stringify(given[0])} came back as something else`)
      holds(kind !== 'cut', 'half of a record was taken for a whole one')
      await useIt(record, [tokens?.accessToken, tokens?.refreshToken])
    }),
  }
}

/** Whatever a store lets through, core comes to an end with it: a token, or one of our errors. */
async function useIt(record: TokenRecord, secrets: (string | undefined)[]): Promise<void> {
  const clock = createClock()
  const store = memoryStore()
  await store.compareAndSet('default', (await store.read('default')).version, record)
  const manager = createTokenManager({
    store,
    grant: async () => ({ access_token: 'at-new', refresh_token: 'rt-new', expires_in: 60 }),
    timing: clock,
    retryFor: 0,
  })
  let end: unknown
  const asking = manager.getAccessToken({ rejected: 'at-refused' }).then(
    ({ accessToken }) => {
      end = accessToken
    },
    (error: unknown) => {
      end = error
    },
  )
  for (let minutes = 0; end === undefined && minutes < 60; minutes++) await clock.advance(60_000)
  holds(end !== undefined, 'after an hour nothing has come of it')
  await asking
  if (typeof end === 'string') return
  holds(isTokenError(end), `core threw ${String(end)}`)
  expectNoSecret(end, secrets)
}

export const storedInRedis: Target = targetOf('the Redis hash', (text, [version = null, writtenAt = null]) => {
  const client = {
    call: async () => ['1700000000000', version, text, writtenAt, null],
    pipeline: () => ({ exec: async () => [] }),
    duplicate: () => ({}),
  }
  return redisStore(client, { hints: false })
})

export const storedInPostgres: Target = targetOf('the PostgreSQL row', (text, [version = null, age = null]) =>
  postgresStore({ query: async () => ({ rows: [['false', '1700000000', version, text, age]] }) }),
)
