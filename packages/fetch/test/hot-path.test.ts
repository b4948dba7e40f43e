import { createHook } from 'node:async_hooks'
import { createTokenManager } from '@tokenflight/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Fetch, withBearer } from '../src/index.ts'
import { twoTokens } from './kit.ts'

describe('F8 a request with a good token', () => {
  it('is sent without a macrotask of waiting, with the very body, and its answer is not copied', async () => {
    const cloneRequest = vi.spyOn(Request.prototype, 'clone')
    const cloneResponse = vi.spyOn(Response.prototype, 'clone')
    const body = new Uint8Array(1000)
    let sent: BodyInit | null | undefined
    const bearerFetch = withBearer(
      async (_, init) => {
        sent = init?.body
        return new Response('ok')
      },
      twoTokens(),
      { origins: 'https://api.example.com' },
    )
    let macrotask = false
    const immediate = setImmediate(() => {
      macrotask = true
    })
    await bearerFetch('https://api.example.com/', { method: 'POST', body, signal: new AbortController().signal })
    expect(macrotask).toBe(false)
    clearImmediate(immediate)
    expect(sent).toBe(body)
    expect(cloneRequest).not.toHaveBeenCalled()
    expect(cloneResponse).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })

  it('keeps plain headers plain, in an object of its own: fetch reads those quicker than `Headers`', async () => {
    const headers = { 'x-mine': '1' }
    const sent: RequestInit[] = []
    const bearerFetch = withBearer(
      async (_, init = {}) => {
        sent.push(init)
        return new Response('ok')
      },
      twoTokens(),
      { origins: 'https://api.example.com' },
    )
    await bearerFetch('https://api.example.com/', { headers })
    await bearerFetch('https://api.example.com/')
    expect(sent.map(({ headers }) => headers)).toEqual([
      { 'x-mine': '1', authorization: 'Bearer a' },
      { authorization: 'Bearer a' },
    ])
    expect(headers).toEqual({ 'x-mine': '1' })
  })

  it('is two promises more than the fetch below, once the token is in memory', async () => {
    const grant = async () => ({ access_token: 'b', expires_in: 3600 })
    const tokens = createTokenManager({ grant })
    onTestFinished(() => tokens.close())
    await tokens.setTokens(await grant())
    const answer = Promise.resolve(new Response('ok'))
    const bare = () => answer
    const promisesOf = async (fetch: Fetch) => {
      const send = () => fetch('https://api.example.com/', { method: 'POST', headers: { 'x-mine': '1' }, body: 'x' })
      await send()
      let made = 0
      const hook = createHook({
        init(_, type) {
          if (type === 'PROMISE') made++
        },
      }).enable()
      await send()
      hook.disable()
      return made
    }
    const bearerFetch = withBearer(bare, tokens, { origins: 'https://api.example.com' })
    // The call itself, and its wait for the answer.
    expect((await promisesOf(bearerFetch)) - (await promisesOf(bare))).toBe(2)
  })
})
