import { text } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { defineProve, type ProofRequest } from '@tokenflight/core'
import { describe, expect, it } from 'vitest'
import { withBearer } from '../src/index.ts'
import { openApi, thrownBy, twoTokens, versions } from './kit.ts'

/** `a` and then `b`, bound to a key that numbers its proofs. */
function boundTokens() {
  const proven: ProofRequest[] = []
  const { asked, getAccessToken } = twoTokens()
  return {
    asked,
    proven,
    getAccessToken: async (options: Parameters<typeof getAccessToken>[0]) => ({
      ...(await getAccessToken(options)),
      tokenType: 'DPoP',
    }),
    prove: defineProve(async (request: ProofRequest) => `proof.${proven.push(request)}.x`),
  }
}

const refusal = (error: string, nonce?: string) => ({
  status: 401,
  headers: { 'www-authenticate': `DPoP error="${error}"`, ...(nonce !== undefined && { 'dpop-nonce': nonce }) },
})

describe.each(versions)('DPoP (RFC 9449), $version', ({ got }) => {
  it.each([0, 2])(
    'a nonce, a refused token and a nonce again cost none of the retries of got, with a limit of %i',
    async (limit) => {
      const api = await openApi('b', { protection: 'none' })
      api.script([refusal('use_dpop_nonce', 'n1'), refusal('invalid_token'), refusal('use_dpop_nonce', 'n2')])
      const tokens = boundTokens()
      const ours = withBearer(got.extend({ retry: { limit } }), tokens, { origins: api.url })
      expect((await ours.post(api.url, { json: { order: 1 } })).statusCode).toBe(200)
      expect(api.requests.map(({ headers }) => headers['dpop'])).toEqual([1, 2, 3, 4].map((n) => `proof.${n}.x`))
      expect(new Set(api.requests.map(({ bodySha256 }) => bodySha256)).size).toBe(1)
      expect(tokens.proven.map(({ nonce }) => nonce)).toEqual([undefined, 'n1', 'n1', 'n2'])
      expect(tokens.asked).toEqual([undefined, undefined, 'a', undefined])
    },
  )

  it('a stream carries a proof; a nonce that it is asked for is there for the next one, without a refresh', async () => {
    const api = await openApi('b', { protection: 'none' })
    api.script([refusal('use_dpop_nonce', 'n1')])
    const tokens = boundTokens()
    const ours = withBearer(got, tokens, { origins: api.url })
    expect(await thrownBy(text(ours.stream(api.url)))).toMatchObject({ response: { statusCode: 401 } })
    expect(await text(ours.stream(api.url))).toContain('"GET"')
    expect(tokens.proven.map(({ nonce }) => nonce)).toEqual([undefined, 'n1'])
    expect(tokens.asked).toEqual([undefined, undefined])
  })

  it('each page has a proof for its own URL', async () => {
    const api = await openApi('b', { protection: 'none' })
    const tokens = boundTokens()
    const ours = withBearer(got, tokens, { origins: api.url })
    const pages = ours.paginate(`${api.url}/1`, {
      responseType: 'json',
      pagination: {
        transform: () => [1],
        paginate: ({ response }) => (response.url.endsWith('/2') ? false : { url: new URL(`${api.url}/2`) }),
      },
    })
    for await (const _ of pages);
    expect(tokens.proven.map(({ url }) => url)).toEqual([`${api.url}/1`, `${api.url}/2`])
    expect(api.requests.map(({ headers }) => headers['dpop'])).toEqual(['proof.1.x', 'proof.2.x'])
  })

  it('an own DPoP header, also of a hook, is left alone', async () => {
    const api = await openApi('b', { protection: 'none' })
    const tokens = boundTokens()
    const ours = withBearer(got, tokens, { origins: api.url })
    const setOwn = (options: { headers: Record<string, unknown> }) => {
      options.headers['dpop'] = 'mine'
    }
    await ours(api.url, { headers: { DPoP: 'mine' } })
    await ours(api.url, { hooks: { beforeRequest: [setOwn] } })
    expect(api.requests.map(({ headers }) => headers['dpop'])).toEqual(['mine', 'mine'])
    expect(tokens.asked).toEqual([])
  })

  it('no error shows the proof', async () => {
    const api = await openApi('b', { protection: 'refuse_all', challenge: 'DPoP error="invalid_token"' })
    const error = await thrownBy(withBearer(got, boundTokens(), { origins: api.url })(api.url))
    expect(error).toMatchObject({ response: { statusCode: 401 } })
    expect(inspect(error, { depth: null })).not.toMatch(/proof\.\d/)
  })
})
