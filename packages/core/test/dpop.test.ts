import { inspect } from 'node:util'
import { describe, expect, it, test } from 'vitest'
import type { Answer } from '../src/bearer-request.ts'
import { defineGrant } from '../src/grant.ts'
import { defineProve } from '../src/proof.ts'
import { createTokenManager } from '../src/token-manager.ts'
import { createTokenManagers } from '../src/token-managers.ts'
import type { TokenSource } from '../src/token-set.ts'
import { begin, origin, source, told } from './dpop-kit.ts'

const thrownBy = (work: unknown) => Promise.resolve(work).then(String, (error: unknown) => error)

describe('F6 a proof that takes its time', () => {
  it.each([
    ['and never comes', () => new Promise<string>(() => {})],
    ['and fails later', () => new Promise<string>((_, reject) => setImmediate(reject, new Error('late')))],
  ])('%s: an abort ends the wait with its reason', async (_, prove) => {
    const controller = new AbortController()
    const reason = new Error('left')
    const waiting = thrownBy(
      begin(
        source({
          prove: defineProve(() => {
            controller.abort(reason)
            return prove()
          }),
        }),
      ).authorize({ signal: controller.signal }),
    )
    expect(await waiting).toBe(reason)
    await new Promise(setImmediate)
  })
})

test.each([() => 'a.b.c', 'key', null])(
  'a source whose prove brings nothing along is refused at set-up: %s',
  (prove) => {
    expect(() => begin(source({ prove: prove as never }))).toThrow(
      /prove of the token source must be made by defineProve/,
    )
  },
)

describe('the headers of an attempt with a token of type DPoP', () => {
  it.each(['DPoP', 'dpop', 'DPOP'])('are the token and its proof: %s', async (tokenType) => {
    const getAccessToken = async () => ({ accessToken: 'a', tokenType, obtainedAt: 0 })
    const tokens = source({ getAccessToken })
    expect(await begin(tokens).authorize()).toEqual({ authorization: 'DPoP a', dpop: 'h.p1.s' })
    expect(tokens.proven).toEqual([{ method: 'GET', url: `${origin}/x`, accessToken: 'a', nonce: undefined }])
  })

  it('name the URL without query and fragment, and the method as it is sent', async () => {
    const tokens = source()
    await begin(tokens, `${origin}/a%20b/?c=d#e`, 'post').authorize()
    expect(tokens.proven).toMatchObject([{ method: 'POST', url: `${origin}/a%20b/` }])
  })

  it('are for the hop, where a client asks for each', async () => {
    const tokens = source()
    const bearer = begin(tokens, `${origin}/1`, 'POST')
    await bearer.authorize({ url: `${origin}/2?x`, method: 'GET' })
    expect(tokens.proven).toMatchObject([{ method: 'GET', url: `${origin}/2` }])
    expect(await bearer.authorize({ url: 'https://other.example/' })).toBeUndefined()
    expect(tokens.proven).toHaveLength(1)
  })

  it.each<[string, Partial<TokenSource>, RegExp]>([
    [
      'it cannot be signed',
      { prove: defineProve(() => Promise.reject(new Error('no key for token a-secret'))) },
      /could not be signed/,
    ],
    ['it is no JWT', { prove: defineProve(async () => 'x\r\ny: z') }, /No DPoP proof/],
    ['it is nothing', { prove: defineProve(async () => JSON.parse('null') as string) }, /No DPoP proof/],
  ])('are an error of the source where %s', async (_, overrides, words) => {
    const getAccessToken = async () => ({ accessToken: 'a-secret', tokenType: 'DPoP', obtainedAt: 0 })
    const error = await thrownBy(begin(source({ getAccessToken, ...overrides })).authorize())
    expect(error).toMatchObject({ code: 'invalid_option', message: expect.stringMatching(words) })
    expect(inspect(error)).not.toContain('a-secret')
  })

  it('are refused for a token that the key does not go with', async () => {
    const bearerToken = async () => ({ accessToken: 'a', tokenType: 'Bearer', obtainedAt: 0 })
    expect(await thrownBy(begin(source({ getAccessToken: bearerToken })).authorize())).toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(/section 5/),
    })
    const { prove: _, ...keyless } = source()
    expect(await thrownBy(begin(keyless).authorize())).toMatchObject({ message: expect.stringMatching(/createDpop/) })
  })
})

describe('whether a 401 refuses a token of type DPoP', () => {
  const isRejection = async (answer: Answer, method = 'GET', attempt = {}) => {
    const bearer = begin(source(), `${origin}/x`, method)
    await bearer.authorize(attempt)
    return bearer.isRejection(answer, undefined)
  }
  const challenge = (value: string) => told(401, { 'www-authenticate': value })

  it.each(['DPoP', 'DPoP error="invalid_token"', 'dpop algs="ES256", Bearer', 'Bearer error="invalid_token"', '=,"'])(
    'yes: %s',
    async (value) => {
      expect(await isRejection(challenge(value))).toBe(true)
    },
  )

  it.each([
    'Bearer',
    'Basic',
    'DPoP error="insufficient_scope"',
    'DPoP error="invalid_dpop_proof"',
    'Bearer error="insufficient_scope", DPoP error="invalid_dpop_proof"',
  ])('no: %s', async (value) => {
    expect(await isRejection(challenge(value))).toBe(false)
  })

  it('no, behind a redirect to a URL that its proof does not name: another token would fare no better', async () => {
    expect(await isRejection(told(401, {}, [`${origin}/y`]))).toBe(false)
    expect(await isRejection(told(401, {}, [`${origin}/x?y`]))).toBe(true)
    expect(await isRejection(told(401, {}, [`${origin}/y`]), 'GET', { url: `${origin}/y` })).toBe(true)
  })
})

describe('a manager whose grant has a key', () => {
  const prove = defineProve(async () => 'a.b.c')
  const grant = defineGrant(async () => ({ access_token: 'a', token_type: 'DPoP' }), { needsTokens: false, prove })

  it('hands its proofs to adapters, with one credential or many', async () => {
    const [one, many] = [createTokenManager({ grant }), createTokenManagers({ grant })]
    for (const tokens of [one, many.for('x')])
      expect(await begin(tokens).authorize()).toEqual({ authorization: 'DPoP a', dpop: 'a.b.c' })
    await Promise.all([one.close(), many.close()])
  })

  it('has none where the grant has none, and refuses what is none', () => {
    expect(createTokenManager({ grant: async () => ({ access_token: 'a' }) })).not.toHaveProperty('prove')
    expect(() => createTokenManager({ grant: Object.assign(grant.bind(null), { prove: 'x' }) as never })).toThrow(
      /grant.prove/,
    )
  })
})
