import { describe, expect, it, vi } from 'vitest'
import { withBearer } from '../src/index.ts'
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
})
