import { type AnswerContext, classifyAnswer, providers, type TokenEndpointAnswer } from '@tokenflight/oauth'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const outcomes = ['tokens', 'rejected', 'refused', 'unavailable', 'unknown']

const words = fc.constantFrom(
  'access_token',
  'refresh_token',
  'error',
  'error_code',
  'code',
  'status',
  'reason',
  'errors',
  'errorType',
  'errorCode',
  'type',
  'ok',
  '__proto__',
  'constructor',
  'invalid_grant',
  'invalid_client',
  'temporarily_unavailable',
  'server_error',
  'BAD_REFRESH_TOKEN',
  'made_up_code',
  'Bad Request',
)
const leaf = fc.oneof(
  words,
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(''),
  fc.constant(' '),
)
const { tree: object } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(words, fc.string()), tie('tree'), { maxKeys: 5 }),
  ),
}))
const form = fc
  .array(fc.tuple(words, fc.string()), { maxLength: 4 })
  .map((pairs) => new URLSearchParams(pairs).toString())
const json = object.map((value) => JSON.stringify(value) ?? '')
const cut = json.chain((text) => fc.nat(text.length).map((length) => text.slice(0, length)))
const body = fc.oneof(
  json,
  json,
  cut,
  form,
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string().map((text) => `<html>${text}</html>`),
)

const answer: fc.Arbitrary<TokenEndpointAnswer> = fc.record(
  {
    status: fc.oneof(
      fc.constantFrom(200, 201, 204, 301, 308, 400, 401, 403, 404, 429, 500, 502, 503, 504),
      fc.integer({ min: 0, max: 999 }),
    ),
    body,
    contentType: fc.oneof(
      fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/html'),
      fc.string(),
    ),
    retryAfter: fc.nat(),
    complete: fc.boolean(),
  },
  { requiredKeys: ['status', 'body'] },
)

/** Everybody's rows, and nobody's; with tokens that were being refreshed, and without. */
const context: fc.Arbitrary<AnswerContext> = fc.record({
  provider: fc.constantFrom(undefined, ...Object.values(providers)),
  previous: fc.constantFrom(undefined, { accessToken: 'A0', tokenType: 'Bearer', refreshToken: 'R0', obtainedAt: 0 }),
})

const runs = { numRuns: 5000 }

describe('R9 whatever the token endpoint answers', () => {
  test('classifying never throws, and says one of five things', () => {
    fc.assert(
      fc.property(answer, context, (given, whose) => outcomes.includes(classifyAnswer(given, [], whose).outcome)),
      runs,
    )
  })

  test('tokens are there only with a 2xx and an access token that is not blank', () => {
    fc.assert(
      fc.property(answer, context, (given, whose) => {
        const result = classifyAnswer(given, [], whose)
        if (result.outcome !== 'tokens') return
        expect(Math.floor(given.status / 100)).toBe(2)
        expect(typeof result.tokens.access_token).toBe('string')
        expect(result.tokens.access_token.trim()).not.toBe('')
      }),
      runs,
    )
  })

  test('a 2xx JSON object with an access token is always tokens, word for word', () => {
    const extras = fc.dictionary(fc.string(), object, { maxKeys: 5 })
    const accessToken = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '')
    fc.assert(
      fc.property(
        extras,
        accessToken,
        fc.integer({ min: 200, max: 299 }),
        fc.boolean(),
        (extra, token, status, complete) => {
          const sent = JSON.stringify({ ...extra, access_token: token })
          const result = classifyAnswer({ status, complete, body: sent })
          expect(result).toEqual({ outcome: 'tokens', tokens: JSON.parse(sent) })
        },
      ),
      runs,
    )
  })

  test('nothing of the body comes out but a code', () => {
    fc.assert(
      fc.property(answer, context, (given, whose) => {
        const result = classifyAnswer(given, [], whose)
        if (result.outcome === 'tokens') return
        const { outcome, error, status, retryAfter, clientAuthenticationFailed, ...rest } = result
        expect(rest).toEqual({})
        if (clientAuthenticationFailed !== undefined)
          expect([clientAuthenticationFailed, outcome]).toEqual([true, 'refused'])
        expect(status).toBe(given.status)
        expect(retryAfter).toBe(given.retryAfter)
        if (error !== undefined) expect(error).toMatch(/^[A-Za-z0-9_.:-]{1,64}$/)
      }),
      runs,
    )
  })

  test('no code comes out that holds a secret, or is a piece of one', () => {
    const secret = fc.stringMatching(/^[a-z0-9_.:-]{8,40}$/)
    fc.assert(
      fc.property(secret, fc.nat(40), fc.nat(40), fc.string(), (sent, from, length, around) => {
        const piece = sent.slice(from % (sent.length - 7)).slice(0, 8 + length)
        for (const error of [sent, piece, `${around}${sent}`, `x${sent}`]) {
          expect(classifyAnswer({ status: 400, body: JSON.stringify({ error }) }, ['', sent])).not.toHaveProperty(
            'error',
          )
        }
      }),
      runs,
    )
  })

  test('a code that has nothing to do with the secrets comes out', () => {
    const body = JSON.stringify({ error: 'made_up_code' })
    expect(classifyAnswer({ status: 400, body }, ['', 'another-secret'])).toMatchObject({ error: 'made_up_code' })
  })

  test('a retry is promised to be safe only by 429, 503, or a word that says so', () => {
    fc.assert(
      fc.property(answer, (given) => {
        if (classifyAnswer(given).outcome !== 'unavailable') return
        expect(given.status === 429 || given.status === 503 || /temporarily_unavailable/.test(given.body)).toBe(true)
      }),
      runs,
    )
  })
})
