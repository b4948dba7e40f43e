import { afterEach, describe, expect, it, vi } from 'vitest'
import { withBearer } from '../src/index.ts'
import { openApi, thrownBy, tokensSeen, twoTokens } from './kit.ts'

afterEach(() => vi.restoreAllMocks())

describe('A10 a Request as input', () => {
  it('without a body is sent again as it is, and never copied', async () => {
    const clone = vi.spyOn(Request.prototype, 'clone')
    const api = await openApi()
    const bearerFetch = withBearer(fetch, twoTokens(), { origins: api.url })
    const response = await bearerFetch(new Request(`${api.url}/x`, { method: 'DELETE', headers: { 'x-mine': '1' } }))
    expect(response.status).toBe(200)
    expect(api.requests.map(({ method, url, token, headers }) => [method, url, token, headers['x-mine']])).toEqual([
      ['DELETE', '/x', 'a', '1'],
      ['DELETE', '/x', 'b', '1'],
    ])
    expect(clone).not.toHaveBeenCalled()
  })

  it('with a body keeps its headers and its body in the replay', async () => {
    const api = await openApi()
    const bearerFetch = withBearer(fetch, twoTokens(), { origins: api.url })
    const form = new FormData()
    form.set('file', new Blob(['x'.repeat(100_000)]), 'a.txt')
    const request = new Request(api.url, { method: 'POST', headers: { 'x-mine': '1' }, body: form })
    expect((await bearerFetch(request)).status).toBe(200)
    const [first, second] = api.requests
    expect(tokensSeen(api)).toEqual(['a', 'b'])
    expect(second?.headers['x-mine']).toBe('1')
    // The body was made into bytes when the Request was: same boundary, same bytes.
    expect(second?.headers['content-type']).toBe(first?.headers['content-type'])
    expect(second?.headers['content-type']).toMatch(/^multipart\/form-data; *boundary=/)
    expect(second?.bodySha256).toBe(first?.bodySha256)
    expect(second?.bodyLength).toBeGreaterThan(100_000)
  })

  it('gets the boundary of the form that replaces its body', async () => {
    const api = await openApi()
    const bearerFetch = withBearer(fetch, twoTokens(), { origins: api.url })
    const form = () => {
      const made = new FormData()
      made.set('field', 'value')
      return made
    }
    const request = new Request(api.url, { method: 'POST', body: form() })
    expect((await bearerFetch(request, { bearer: { replayBody: form } })).status).toBe(200)
    const [first, second] = api.requests
    expect(second?.headers['content-type']).toMatch(/^multipart\/form-data; *boundary=/)
    expect(second?.headers['content-type']).not.toBe(first?.headers['content-type'])
  })

  it('is left as fetch leaves it: its body used', async () => {
    const api = await openApi('a')
    const request = new Request(api.url, { method: 'POST', body: 'x' })
    await withBearer(fetch, twoTokens(), { origins: api.url })(request)
    expect(request.bodyUsed).toBe(true)
  })

  it.each([
    ['a good answer', 'a', () => {}],
    ['a network error', 'reset', () => {}],
    ['a refused refresh', 'fail', () => {}],
  ])('keeps no copy of its body after %s', async (_, how) => {
    const copies: Request[] = []
    const { clone } = Request.prototype
    vi.spyOn(Request.prototype, 'clone').mockImplementation(function (this: Request) {
      const copy = clone.call(this)
      copies.push(copy)
      return copy
    })
    const api = await openApi('a')
    if (how === 'reset') api.script(['reset'])
    if (how === 'fail') api.configure({ protection: 'refuse_all' })
    const tokens = twoTokens()
    const bearerFetch = withBearer(
      fetch,
      {
        getAccessToken: async (request) => {
          if (request?.rejected) throw new Error('no refresh today')
          return tokens.getAccessToken(request)
        },
      },
      { origins: api.url },
    )
    await thrownBy(bearerFetch(new Request(api.url, { method: 'POST', body: 'x'.repeat(1000) })))
    const [copy] = copies
    expect(copies).toHaveLength(1)
    // Cancelled: the branch is over without having been read.
    expect(await copy?.text().catch(() => 'used')).toBe('used')
  })

  it('with replay: false is not copied, and its 401 is handed over', async () => {
    const clone = vi.spyOn(Request.prototype, 'clone')
    const api = await openApi()
    const tokens = twoTokens()
    const bearerFetch = withBearer(fetch, tokens, { origins: api.url })
    const response = await bearerFetch(new Request(api.url, { method: 'POST', body: 'x' }), {
      bearer: { replay: false },
    })
    expect(response.status).toBe(401)
    expect(clone).not.toHaveBeenCalled()
    expect(tokensSeen(api)).toEqual(['a'])
    expect(tokens.asked).toEqual([undefined, 'a'])
  })

  it('with replayBody is not copied, and the replay has the new body', async () => {
    const clone = vi.spyOn(Request.prototype, 'clone')
    const api = await openApi()
    const bearerFetch = withBearer(fetch, twoTokens(), { origins: api.url })
    const replayBody = () => new Blob(['second']).stream()
    const response = await bearerFetch(new Request(api.url, { method: 'POST', body: 'first' }), {
      bearer: { replayBody },
    })
    expect(response.status).toBe(200)
    expect(clone).not.toHaveBeenCalled()
    expect(api.requests.map(({ bodyLength }) => bodyLength)).toEqual([5, 6])
  })

  it('gives way to init, as in fetch: method, headers, body', async () => {
    const clone = vi.spyOn(Request.prototype, 'clone')
    const api = await openApi()
    const bearerFetch = withBearer(fetch, twoTokens(), { origins: api.url })
    const request = new Request(api.url, { method: 'POST', headers: { 'x-mine': '1' }, body: 'old' })
    await bearerFetch(request, { method: 'PUT', headers: { 'x-other': '2' }, body: 'new!' })
    expect(clone).not.toHaveBeenCalled()
    expect(
      api.requests.map(({ method, headers, bodyLength }) => [
        method,
        headers['x-mine'],
        headers['x-other'],
        bodyLength,
      ]),
    ).toEqual([
      ['PUT', undefined, '2', 4],
      ['PUT', undefined, '2', 4],
    ])
  })

  it('keeps its own Authorization', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const request = new Request(api.url, { headers: { authorization: 'Bearer mine' } })
    expect((await withBearer(fetch, tokens, { origins: api.url })(request)).status).toBe(401)
    expect(tokensSeen(api)).toEqual(['mine'])
    expect(tokens.asked).toEqual([])
  })

  it('may carry the opt-out itself, as clients put it that copy unknown options onto the Request', async () => {
    const api = await openApi()
    const tokens = twoTokens()
    const request = Object.assign(new Request(api.url), { bearer: false })
    expect((await withBearer(fetch, tokens, { origins: api.url })(request)).status).toBe(401)
    expect(tokens.asked).toEqual([])
  })

  it('aborts by its own signal, unless init says otherwise', async () => {
    const api = await openApi('a')
    const reason = new Error('left')
    const tokens = twoTokens()
    const bearerFetch = withBearer(fetch, tokens, { origins: api.url })
    const request = new Request(api.url, { signal: AbortSignal.abort(reason) })
    expect(await thrownBy(bearerFetch(request))).toBe(reason)
    expect(tokens.asked).toEqual([])
    expect(api.requests).toHaveLength(0)
    expect((await bearerFetch(request, { signal: null })).status).toBe(200)
  })

  it('that was used already is refused in the words of fetch', async () => {
    const api = await openApi('a')
    const request = new Request(api.url, { method: 'POST', body: 'x' })
    await request.text()
    const [ours, theirs] = await Promise.all([
      thrownBy(withBearer(fetch, twoTokens(), { origins: api.url })(request)),
      thrownBy(fetch(request)),
    ])
    expect(ours).toEqual(theirs)
    expect(api.requests).toHaveLength(0)
  })
})
