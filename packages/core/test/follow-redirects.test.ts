import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { followRedirects } from '../src/follow-redirects.ts'
import type { ProvenRequest } from '../src/request-proofs.ts'

interface Hop {
  method: string
  path: string
  body: string
  headers: IncomingHttpHeaders
}

/** Redirects as the path says: `/307?to=/there`. Everything else answers 200. */
async function open(): Promise<{ url: string; hops: Hop[] }> {
  const hops: Hop[] = []
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      hops.push({ method, path, body, headers })
      const { pathname, searchParams } = new URL(path, 'http://x')
      const status = Number(pathname.slice(1))
      if (status > 0) response.writeHead(status, { location: searchParams.get('to') ?? path }).end('moved')
      else response.end('here')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, hops }
}

/** As an adapter calls it: own origin only, and numbered proofs. */
function follow(input: string | Request, init: RequestInit = {}) {
  const request = typeof input === 'object' ? input : undefined
  const url = request?.url ?? String(input)
  const headers = new Headers(init.headers ?? request?.headers)
  headers.set('authorization', 'DPoP a')
  headers.set('dpop', 'proof 0')
  const asked: string[] = []
  const { origin } = new URL(url)
  const authorize: ProvenRequest['authorize'] = async (hop) =>
    new URL(hop.url).origin === origin
      ? { authorization: 'DPoP a', dpop: `proof ${asked.push(`${hop.method} ${hop.url}`)}` }
      : undefined
  const method = init.method ?? request?.method ?? 'GET'
  return { asked, done: followRedirects({ fetch, input, init: { ...init, headers }, url, method, authorize }) }
}

const failure = (work: Promise<unknown>) => work.then(String, (error: unknown) => error)
const headersOf = (hops: Hop[]) => hops.map(({ headers }) => [headers['authorization'], headers['dpop']])

describe('the redirects of a request that carries a proof', () => {
  it('are none mostly, and then the answer is as it came', async () => {
    const { url, hops } = await open()
    const { answer, redirects } = await follow(`${url}/`).done
    expect([answer.status, await answer.text(), answer.redirected, redirects]).toEqual([200, 'here', false, []])
    expect(hops).toHaveLength(1)
  })

  it('within the origin have headers of their own', async () => {
    const { url, hops } = await open()
    const { done, asked } = follow(`${url}/302?to=${encodeURIComponent('/307?to=./there?x=1')}`)
    const { answer, redirects } = await done
    expect(await answer.text()).toBe('here')
    expect([answer.redirected, answer.url]).toEqual([true, `${url}/there?x=1`])
    expect(redirects).toEqual([`${url}/307?to=./there?x=1`, `${url}/there?x=1`])
    expect(asked).toEqual(redirects.map((hop) => `GET ${hop}`))
    expect(headersOf(hops)).toEqual([0, 1, 2].map((n) => ['DPoP a', `proof ${n}`]))
  })

  it('out of the origin have none, nor what belongs to it, and neither have those after them', async () => {
    const [api, foreign] = [await open(), await open()]
    const back = encodeURIComponent(`${foreign.url}/302?to=${api.url}/back`)
    const { done, asked } = follow(`${api.url}/307?to=${back}`, { headers: { cookie: 'c', 'x-mine': 'kept' } })
    const { answer, redirects } = await done
    expect([answer.redirected, await answer.text()]).toEqual([true, 'here'])
    expect(headersOf(foreign.hops)).toEqual([[undefined, undefined]])
    expect(headersOf(api.hops)).toEqual([
      ['DPoP a', 'proof 0'],
      [undefined, undefined],
    ])
    expect(foreign.hops[0]?.headers).toMatchObject({ 'x-mine': 'kept' })
    expect(foreign.hops[0]?.headers).not.toHaveProperty('cookie')
    expect(redirects).toEqual([`${foreign.url}/302?to=${api.url}/back`, `${api.url}/back`])
    expect(asked).toEqual([])
  })

  for (const way of ['init', 'Request'] as const) {
    it.each([
      [301, 'POST', 'GET', ''],
      [302, 'POST', 'GET', ''],
      [303, 'POST', 'GET', ''],
      [303, 'PUT', 'GET', ''],
      [303, 'HEAD', 'HEAD', undefined],
      [302, 'PUT', 'PUT', 'order'],
      [307, 'POST', 'POST', 'order'],
      [308, 'PATCH', 'PATCH', 'order'],
    ])(`are sent as fetch sends them: %i of a %s is a %s (${way})`, async (status, method, expected, body) => {
      const { url, hops } = await open()
      const to = `${url}/${status}?to=${encodeURIComponent('/308?to=/there')}`
      const given = { method, headers: { 'content-type': 'text/x' }, ...(body !== undefined && { body: 'order' }) }
      await (way === 'init' ? follow(to, given) : follow(new Request(to, given))).done
      const { headers, ...last } = hops.at(-1) ?? { headers: {} }
      expect(last).toEqual({ method: expected, path: '/there', body: body ?? '' })
      expect('content-type' in headers).toBe(body !== '')
    })
  }

  it('cannot be followed with a body that can be read once', async () => {
    const { url, hops } = await open()
    const init: RequestInit & { duplex: string } = { method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' }
    const error = await failure(follow(`${url}/307?to=/there`, init).done)
    expect(error).toMatchObject({ name: 'TypeError', message: 'fetch failed' })
    expect(hops).toHaveLength(1)
  })

  it.each(['ftp://127.0.0.1/', 'http://[', 'data:text/plain,x'])('to %s fail as they do in fetch', async (to) => {
    const { url } = await open()
    expect(await failure(follow(`${url}/302?to=${encodeURIComponent(to)}`).done)).toBeInstanceOf(TypeError)
  })

  it.each(['within the origin', 'out of it'])(
    'to a URL with credentials fail and do not repeat them, %s',
    async (where) => {
      const [api, foreign] = [await open(), await open()]
      const to = (where === 'out of it' ? foreign : api).url.replace('//', '//user:canary@')
      const error = await failure(follow(`${api.url}/302?to=${to}/there`).done)
      expect(error).toBeInstanceOf(TypeError)
      expect(inspect(error)).not.toContain('canary')
      expect([...api.hops, ...foreign.hops].map(({ path }) => path)).not.toContain('/there')
    },
  )

  it('to a path in raw UTF-8 go where fetch goes', async () => {
    const { url, hops } = await open()
    const asBytes = Buffer.from('/caf\u00e9').toString('latin1')
    await follow(`${url}/302?to=${encodeURIComponent(asBytes)}`).done
    expect(hops.at(-1)?.path).toBe('/caf%C3%A9')
  })

  it('send the body of a Request with its length, not in chunks', async () => {
    const { url, hops } = await open()
    await follow(new Request(`${url}/307?to=/there`, { method: 'POST', body: 'order' })).done
    expect(hops.map(({ body, headers }) => [body, headers['content-length']])).toEqual([
      ['order', '5'],
      ['order', '5'],
    ])
  })

  it('end with the signal of the caller, also one on a Request, and also while a body is copied', async () => {
    const { url, hops } = await open()
    const controller = new AbortController()
    const { signal } = controller
    const left = new Error('left')
    const endless = new ReadableStream({ pull: () => new Promise(() => {}) })
    const init: RequestInit & { duplex: string } = { method: 'POST', body: endless, duplex: 'half', signal }
    const request = new Request(`${url}/`, init)
    const redirecting = async (_: unknown, given: RequestInit = {}) => {
      if (given.redirect !== 'manual') throw new Error('not ours')
      setImmediate(() => controller.abort(left))
      return new Response(null, { status: 307, headers: { location: '/there' } })
    }
    const headers = new Headers({ dpop: 'proof 0' })
    const authorize = async () => ({ authorization: 'DPoP a', dpop: 'proof 1' })
    const done = followRedirects({
      fetch: redirecting,
      input: request,
      init: { headers },
      url: `${url}/`,
      method: 'POST',
      authorize,
    })
    expect(await failure(done)).toBe(left)
    expect(hops).toEqual([])
  })

  it('end after twenty', async () => {
    const { url, hops } = await open()
    expect(await failure(follow(`${url}/302`).done)).toBeInstanceOf(TypeError)
    expect(hops).toHaveLength(21)
  })

  it('are left alone where the caller says so', async () => {
    const { url, hops } = await open()
    const { answer } = await follow(`${url}/302?to=/there`, { redirect: 'manual' }).done
    expect(answer.status).toBe(302)
    expect(await failure(follow(`${url}/302?to=/there`, { redirect: 'error' }).done)).toBeInstanceOf(TypeError)
    expect(await follow(new Request(`${url}/302?to=/there`, { redirect: 'manual' })).done).toMatchObject({
      redirects: [],
    })
    expect(hops.map(({ path }) => path)).not.toContain('/there')
  })

  it('that a browser does not show are its own: a GET goes once more, a POST fails', async () => {
    const { url, hops } = await open()
    // Where `manual` says no more than that there was a redirect.
    const opaque = async (input: string | URL | Request, init?: RequestInit) => {
      const answer = await fetch(input, init)
      return init?.redirect === 'manual' ? Object.defineProperty(answer, 'type', { value: 'opaqueredirect' }) : answer
    }
    const request = { fetch: opaque, input: `${url}/302?to=/there`, url: `${url}/302?to=/there` }
    const init = () => ({ headers: new Headers({ dpop: 'proof 0' }) })
    const authorize = async () => ({ authorization: 'DPoP a', dpop: 'proof 1' })
    const { redirects } = await followRedirects({ ...request, init: init(), method: 'GET', authorize })
    expect(redirects).toEqual([`${url}/there`])
    expect(hops.map(({ headers }) => headers['dpop'])).toEqual(['proof 0', 'proof 1', 'proof 1'])
    const post = { ...request, init: { ...init(), method: 'POST' }, method: 'POST', authorize }
    expect(await failure(followRedirects(post))).toBeInstanceOf(TypeError)
    expect(hops).toHaveLength(4)
  })
})
