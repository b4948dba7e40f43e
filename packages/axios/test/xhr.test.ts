import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { authorizations, openApi, openClient, statuses, tokensSeen, twoTokens, versions } from './kit.ts'

/** As much of XMLHttpRequest as axios uses, in place before axios looks for it. */
vi.hoisted(() => {
  class Xhr {
    status = 0
    statusText = ''
    responseURL = ''
    responseText = ''
    timeout = 0
    onloadend: (() => void) | undefined
    onerror: (() => void) | undefined
    #call: [string, { method: string; headers: Headers }] = ['', { method: 'GET', headers: new Headers() }]
    #headers = new Headers()

    open(method: string, url: string) {
      this.#call = [new URL(url, globalThis.location?.href).href, { method, headers: new Headers() }]
    }

    setRequestHeader(name: string, value: string) {
      this.#call[1].headers.set(name, value)
    }

    getAllResponseHeaders() {
      return [...this.#headers].map(([name, value]) => `${name}: ${value}`).join('\r\n')
    }

    addEventListener() {}

    send(body: string | null) {
      const [url, init] = this.#call
      this.#finish(url, { ...init, body }).then(
        () => this.onloadend?.(),
        () => this.onerror?.(),
      )
    }

    async #finish(url: string, init: RequestInit) {
      const response = await fetch(url, init)
      this.status = response.status
      this.#headers = response.headers
      this.responseURL = response.url
      this.responseText = await response.text()
    }
  }
  vi.stubGlobal('XMLHttpRequest', Xhr)
})

describe.each(versions)('A5 the xhr adapter, $version', (version) => {
  it('is what axios picks where there is one', () => {
    expect(version.axios.getAdapter(version.axios.defaults.adapter)).toBe(version.axios.getAdapter('xhr'))
  })

  it('replays an unsafe method whose URL has params and a fragment: it was not redirected', async () => {
    const { api, client } = await openClient(version)
    await client.post('/orders#top', { a: 1 }, { params: { q: 'a b', list: ['1', '2'] } })
    expect(tokensSeen(api)).toEqual(['a', 'b'])
  })

  it('does not repeat an unsafe method that was redirected within the origin', async () => {
    const tokens = twoTokens()
    const { api, client } = await openClient(version, { tokens, api: await openApi('a'), validateStatus: null })
    const held = api.hold('before', { when: ({ url }) => url === '/there' })
    const call = client.post('/redirect?status=303&to=/there', 'order=1')
    await held.arrived
    api.configure({ protection: 'refuse_all' })
    held.release()
    expect((await call).status).toBe(401)
    expect(statuses(api)).toEqual([303, 401])
    expect(tokens.asked).toEqual([undefined])
  })

  it('does not refresh for the 401 of another origin', async () => {
    const tokens = twoTokens()
    const foreign = await openApi('', { protection: 'refuse_all' })
    const { client } = await openClient(version, { tokens, api: await openApi('a'), validateStatus: null })
    expect((await client.get(`/redirect?to=${encodeURIComponent(foreign.url)}`)).status).toBe(401)
    expect(tokens.asked).toEqual([undefined])
  })
})

describe.each(versions)('A1 a page, $version', (version) => {
  const { axios, withBearer } = version

  it('is what a relative baseURL belongs to', async () => {
    const api = await openApi('b')
    const foreign = await openApi('b', { protection: 'none' })
    vi.stubGlobal('location', { href: `${api.url}/app/index.html` })
    onTestFinished(() => void vi.stubGlobal('location', undefined))
    const client = withBearer(axios.create({ baseURL: '/api' }), twoTokens())
    await client.post('things', 'x')
    await client.get(foreign.url.replace('http:', ''))
    expect(api.requests.map(({ url, token }) => [url, token])).toEqual([
      ['/api/things', 'a'],
      ['/api/things', 'b'],
    ])
    expect(authorizations(foreign)).toEqual([undefined])
  })
})
