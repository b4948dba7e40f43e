import { describe, expect, it } from 'vitest'
import type { Answer } from '../src/bearer-request.ts'
import { begin, origin, source, told } from './dpop-kit.ts'

const wantsNonce = (nonce = 'n1') =>
  told(401, { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': nonce })

describe('nonces of the resource server (RFC 9449 section 9)', () => {
  it('are given once, without a refresh and without using up the replay', async () => {
    const tokens = source()
    const bearer = begin(tokens)
    await bearer.authorize()
    expect(bearer.isRejection(wantsNonce(), undefined)).toBe(true)
    expect(await bearer.prepareReplay()).toBe(true)
    await bearer.authorize()
    expect(tokens.proven.map(({ nonce }) => nonce)).toEqual([undefined, 'n1'])
    expect(bearer.isRejection(told(401), undefined)).toBe(true)
    expect(await bearer.prepareReplay()).toBe(true)
    expect(await bearer.authorize()).toMatchObject({ authorization: 'DPoP b' })
    expect(tokens.asked).toEqual([undefined, undefined, 'a'])
  })

  it('are those that this very request was asked for, whatever others have been told meanwhile', async () => {
    // All whose tokens are bound to one key share its nonces, and servers may have a nonce for each user.
    const tokens = source()
    const [mine, theirs] = [begin(tokens), begin(tokens)]
    await Promise.all([mine.authorize(), theirs.authorize()])
    expect(mine.isRejection(wantsNonce('mine'), undefined)).toBe(true)
    expect(theirs.isRejection(wantsNonce('theirs'), undefined)).toBe(true)
    expect([await mine.prepareReplay(), await theirs.prepareReplay()]).toEqual([true, true])
    await mine.authorize()
    await theirs.authorize()
    expect(tokens.proven.slice(2).map(({ nonce }) => nonce)).toEqual(['mine', 'theirs'])
  })

  it('are not given twice in a row, but again after another answer', async () => {
    const bearer = begin(source())
    const answered = async (answer: Answer) => {
      await bearer.authorize()
      return bearer.isRejection(answer, undefined) && (await bearer.prepareReplay())
    }
    expect(await answered(wantsNonce('n1'))).toBe(true)
    expect(await answered(wantsNonce('n2'))).toBe(false)
    expect(await answered(told(503))).toBe(false)
    expect(await answered(wantsNonce('n3'))).toBe(true)
  })

  it('cause no refresh where the request cannot be sent again', async () => {
    const tokens = source()
    const bearer = begin(tokens)
    await bearer.authorize({ replayable: false })
    expect(bearer.isRejection(wantsNonce(), undefined)).toBe(true)
    bearer.refreshBehind()
    expect(tokens.asked).toEqual([undefined])
  })

  it.each(['', 'with blank', 'a, b', 'x'.repeat(1025), 'q"uote'])(
    'that are none leave the answer to the caller: %s',
    async (nonce) => {
      const bearer = begin(source())
      await bearer.authorize()
      expect(bearer.isRejection(wantsNonce(nonce), undefined)).toBe(false)
    },
  )

  it('belong to their origin, and to one key', async () => {
    const tokens = source()
    const send = async (url: string, answer: Answer) => {
      const bearer = begin(tokens, url)
      await bearer?.authorize()
      await bearer?.isRejection(answer, undefined)
      return tokens.proven.at(-1)?.nonce
    }
    expect(await send(`${origin}/`, told(200, { 'dpop-nonce': 'n1' }))).toBeUndefined()
    expect(await send('https://other.example/', told(200))).toBeUndefined()
    expect(await send(`${origin}/`, told(200, { 'dpop-nonce': 'foreign' }, ['https://evil.example/']))).toBe('n1')
    expect(await send(`${origin}/`, told(500, { 'dpop-nonce': 'n2' }))).toBe('n1')
    expect(await send(`${origin}/`, told(200))).toBe('n2')
  })

  it('are not looked for with a Bearer token', async () => {
    const names: string[] = []
    const bearer = begin({ getAccessToken: async () => ({ accessToken: 'a', tokenType: 'Bearer', obtainedAt: 0 }) })
    const header = (name: string) => {
      names.push(name)
      return 'DPoP error="use_dpop_nonce"'
    }
    await bearer.authorize()
    expect(bearer.isRejection({ status: 200, header }, undefined)).toBe(false)
    expect(names).toEqual([])
    expect(bearer.isRejection({ status: 401, header }, undefined)).toBe(false)
    expect(names).toEqual(['www-authenticate'])
  })
})
