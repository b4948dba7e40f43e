import { GrantError } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import fc from 'fast-check'
import { canary, json, name } from './arbitraries.ts'
import { expectNoSecret } from './secrets.ts'
import { holds, type Target } from './target.ts'

const known = fc.constantFrom(
  'access_token',
  'refresh_token',
  'expires_in',
  'token_type',
  'scope',
  'error',
  'error_code',
  'ok',
)
const codes = fc.constantFrom('invalid_grant', 'invalid_client', 'server_error', 'temporarily_unavailable', 'slow_down')
/** Stands for the refresh token that was presented: some servers repeat it. */
const echo = 'ECHO-OF-THE-REFRESH-TOKEN'
const entry = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom('access_token', 'refresh_token', 'id_token'), fc.oneof(canary, json)),
  },
  { weight: 3, arbitrary: fc.tuple(known, fc.oneof(codes, json)) },
  fc.tuple(fc.constantFrom('error', 'error_code', 'error_description'), fc.constant(echo)),
  fc.tuple(name, json),
)
const answerObject = fc.array(entry, { maxLength: 8 }).map((entries) => Object.fromEntries(entries))

const body: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: answerObject.map((object) => encode(JSON.stringify(object))) },
  answerObject.map((object) =>
    encode(new URLSearchParams(Object.entries(object).map(([key, value]) => [key, String(value)])).toString()),
  ),
  json.map((value) => encode(JSON.stringify(value))),
  fc.string({ unit: 'binary' }).map(encode),
  fc.uint8Array({ maxLength: 200 }),
)

/** An answer as it comes from the network: in pieces, cut off or whole. */
const answer = fc.record({
  status: fc.oneof(fc.constantFrom(200, 200, 400, 401, 403, 429, 500, 502, 503), fc.integer({ min: 200, max: 599 })),
  contentType: fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/html', 'nonsense', ''),
  retryAfter: fc.option(
    fc.oneof(fc.nat().map(String), fc.constantFrom('-1', '1e9', 'Wed, 21 Oct 2015 07:28:00 GMT', 'soon')),
    { nil: undefined },
  ),
  body,
  pieces: fc.integer({ min: 1, max: 5 }),
  breaksOff: fc.boolean(),
})

type NetworkAnswer = typeof answer extends fc.Arbitrary<infer A> ? A : never

export const tokenAnswers: Target = {
  name: 'token endpoint answers',
  property: fc.asyncProperty(answer, canary, canary, async (drawn, refreshToken, clientSecret) => {
    const given = { ...drawn, body: encode(decode(drawn.body).replaceAll(echo, refreshToken)) }
    const grant = refreshTokenGrant({
      ...{ tokenEndpoint: 'https://as.example/token', clientId: 'app', clientSecret },
      fetch: async () => respond(given),
    })
    const previous = { accessToken: 'at-before', tokenType: 'Bearer', obtainedAt: 0, refreshToken }
    const whole = given.breaksOff ? undefined : parsed(given.body)
    const secrets = [refreshToken, clientSecret, ...canariesIn(given.body)]
    try {
      const tokens = await grant({ previous, signal: new AbortController().signal })
      holds(
        typeof tokens.access_token === 'string' && tokens.access_token.trim() !== '',
        'tokens without an access token',
      )
      holds(given.status <= 299, 'tokens from an answer that is no success')
    } catch (error) {
      holds(error instanceof GrantError, `it threw ${String(error)}`)
      holds(error.outcome !== 'not_sent', 'an answered request counts as not sent')
      expectNoSecret(error, secrets)
      const { access_token: accessToken } = whole ?? {}
      const success = given.status <= 299 && given.status !== 204 && given.status !== 205
      holds(
        !(success && typeof accessToken === 'string' && accessToken.trim() !== ''),
        `the only copy of new tokens is lost: ${error.message}`,
      )
    }
  }),
}

function respond({ status, contentType, retryAfter, body: bytes, pieces, breaksOff }: NetworkAnswer): Response {
  const headers = {
    ...(contentType && { 'content-type': contentType }),
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
  }
  if (status === 204 || status === 205 || status === 304) return new Response(null, { status, headers })
  const size = Math.max(1, Math.ceil(bytes.byteLength / pieces))
  let at = 0
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at < bytes.byteLength) controller.enqueue(bytes.subarray(at, at + size))
      else if (breaksOff) controller.error(new TypeError('terminated'))
      else controller.close()
      at += size
    },
  })
  return new Response(stream, { status, headers })
}

function parsed(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function canariesIn(bytes: Uint8Array): string[] {
  return [...decode(bytes).matchAll(/CANARY[\w-]{20,}/g)].map(([found]) => found)
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
