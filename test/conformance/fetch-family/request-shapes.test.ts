import { withBearer } from '@tokenflight/fetch'
import { describe, expect, it } from 'vitest'
import { openStage } from './stage.ts'

/** The events of a service worker, as far as a fetch handler goes. */
class FetchEvent extends Event {
  readonly request: Request
  answer: Promise<Response> | undefined

  constructor(request: Request) {
    super('fetch')
    this.request = request
  }

  respondWith(answer: Promise<Response>): void {
    this.answer = answer
  }
}

describe('A10 the shapes that requests come in', () => {
  it('a service worker hands on the very Request of its page, body and headers included', async () => {
    const { server, api, tokens } = await openStage({ expired: true })
    const bearerFetch = withBearer(fetch, tokens, { origins: api.url })
    const worker = new EventTarget()
    worker.addEventListener('fetch', (event) => {
      if (event instanceof FetchEvent) event.respondWith(bearerFetch(event.request))
    })
    const init = { method: 'PUT', headers: { 'x-mine': '1', 'content-type': 'text/plain' }, body: 'from the page' }
    const events = [1, 2, 3].map((n) => new FetchEvent(new Request(`${api.url}/${n}`, init)))
    for (const event of events) worker.dispatchEvent(event)
    const answers = await Promise.all(events.map(({ answer }) => answer))
    expect(answers.map((answer) => answer?.status)).toEqual([200, 200, 200])
    expect(server.tokenRequests).toBe(1)
    const good = api.requests.filter(({ status }) => status === 200)
    expect(good.map(({ headers, bodyLength }) => [headers['x-mine'], headers['content-type'], bodyLength])).toEqual(
      Array(3).fill(['1', 'text/plain', 13]),
    )
  })

  it.each([
    ['a string', (url: string) => url],
    ['a URL', (url: string) => new URL(url)],
    ['a Request', (url: string) => new Request(url)],
    ['a Request made of a Request', (url: string) => new Request(new Request(url))],
  ])('%s is taken, and given another method, headers and body by init', async (_, make) => {
    const { api, tokens } = await openStage({ expired: true })
    const bearerFetch = withBearer(fetch, tokens, { origins: api.url })
    const init = {
      method: 'POST',
      headers: [['x-mine', '1']] satisfies [string, string][],
      body: new URLSearchParams('a=1'),
    }
    const echo = await (await bearerFetch(make(`${api.url}/x`), init)).json()
    expect(echo).toMatchObject({ method: 'POST', url: '/x', headers: { 'x-mine': '1' }, body: { length: 3 } })
    expect(api.requests.map(({ status }) => status)).toEqual([401, 200])
  })

  it('keepalive, cache, redirect and credentials of a Request stay as they are on the replay', async () => {
    const { api, tokens } = await openStage({ expired: true })
    const seen: Request[] = []
    const watching = (input: RequestInfo | URL, init?: RequestInit) => {
      seen.push(new Request(input instanceof Request ? input.clone() : input, init))
      return fetch(input, init)
    }
    const options = { keepalive: true, cache: 'no-store', redirect: 'error', credentials: 'omit' } as const
    const request = new Request(api.url, { method: 'POST', body: 'x', ...options })
    expect((await withBearer(watching, tokens, { origins: api.url })(request)).status).toBe(200)
    expect(
      seen.map(({ keepalive, cache, redirect, credentials }) => ({ keepalive, cache, redirect, credentials })),
    ).toEqual([options, options])
  })
})
