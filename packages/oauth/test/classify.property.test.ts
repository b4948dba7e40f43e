import { Session } from 'node:inspector/promises'
import { type AnswerContext, classifyAnswer, providers, type TokenEndpointAnswer } from '@tokenflight/oauth'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

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

const long: [string, (length: number) => string][] = [
  ['one word', (length) => 'a'.repeat(length)],
  ['spaces', (length) => ' '.repeat(length)],
  ['spaces before a form', (length) => `${' '.repeat(length)}error=`],
  ['a form that is cut', (length) => `access_token=${'a'.repeat(length)} <`],
  ['ampersands', (length) => `error=${'&'.repeat(length)}`],
  ['many parameters', (length) => 'error=a&'.repeat(length / 8)],
  ['open brackets', (length) => '['.repeat(length)],
  ['nested objects', (length) => `${'{"error":'.repeat(length / 10)}1${'}'.repeat(length / 10)}`],
  ['a long code', (length) => JSON.stringify({ error: 'a'.repeat(length) })],
  ['a long message', (length) => JSON.stringify({ message: 'a'.repeat(length), code: 4741 })],
  [
    'many errors',
    (length) => JSON.stringify({ errors: Array.from({ length: length / 32 }, () => ({ errorCode: 'a' })) }),
  ],
  [
    'many members',
    (length) => JSON.stringify(Object.fromEntries(Array.from({ length: length / 16 }, (_, n) => [`m${n}`, n]))),
  ],
  [
    'many scopes',
    (length) => JSON.stringify({ access_token: 'A1', scope: Array.from({ length: length / 8 }, () => 'a:b') }),
  ],
  ['a page', (length) => `<html>${'<p>error=invalid_grant</p>'.repeat(length / 32)}`],
  ['a long token', (length) => JSON.stringify({ access_token: 'a'.repeat(length) })],
]

function classifyEveryWay(body: string): void {
  for (const provider of [undefined, providers.slack, providers.twitch, providers.zoom]) {
    for (const contentType of ['application/json', 'application/x-www-form-urlencoded', 'text/html']) {
      for (const status of [200, 400])
        classifyAnswer({ status, contentType, body }, ['secret', 'a'.repeat(100)], { provider })
    }
  }
}

// Before any steps are counted, which makes everything slower.
describe('R9 a body of 1 MiB is classified in linear time, the loops of the platform included', () => {
  test.each(long)('%s', (_, bodyOf) => {
    const body = bodyOf(1024 * 1024)
    const begun = performance.now()
    for (const contentType of ['application/json', 'application/x-www-form-urlencoded'])
      classifyAnswer({ status: 400, contentType, body }, ['secret', 'a'.repeat(100)])
    // Quadratic time would be minutes.
    expect(performance.now() - begun).toBeLessThan(15_000)
  })
})

describe('R9 ten times the body takes ten times the steps, and no more', () => {
  const session = new Session()
  const oauth = new URL('../src/', import.meta.url).pathname

  beforeAll(async () => {
    session.connect()
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  })
  // Not stopped: another session, of a coverage report, may be counting too.
  afterAll(() => session.disconnect())

  /** How often V8 enters a function of this package, or a block of one. */
  async function stepsOf(body: string): Promise<number> {
    await session.post('Profiler.takePreciseCoverage')
    classifyEveryWay(body)
    const { result } = await session.post('Profiler.takePreciseCoverage')
    const ours = result.filter(({ url }) => url.includes(oauth)).flatMap(({ functions }) => functions)
    return ours.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0)
  }

  test.each(long)('%s', async (_, bodyOf) => {
    const [short, ten] = [await stepsOf(bodyOf(1600)), await stepsOf(bodyOf(16_000))]
    expect(short).toBeGreaterThan(100)
    expect(ten).toBeLessThanOrEqual(10 * short)
  })

  // What a pattern costs is no step of ours: so none reads all of a body but these, which cannot go back and forth in it. Both begin
  // at its start; in the first no character fits two neighbouring parts, the second gives up after 64.
  test('no other patterns than these see a long text', () => {
    const seen = new Set<string>()
    const exec = vi.spyOn(RegExp.prototype, 'exec')
    try {
      for (const [, bodyOf] of long) classifyEveryWay(bodyOf(1600))
      exec.mock.calls.forEach(([text], call) => {
        if (String(text).length > 100) seen.add(String(exec.mock.contexts[call]))
      })
    } finally {
      exec.mockRestore()
    }
    expect([...seen]).toEqual([
      String.raw`/^\s*(?:access_token|error)=[^\s<>"{}]+\s*$/`,
      String.raw`/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,64}$/`,
    ])
  })
})
