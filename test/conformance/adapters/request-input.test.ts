import type { TokenSource } from '@tokenflight/core'
import { withBearer as withBearerFetch } from '@tokenflight/fetch'
import { withBearer as withBearerKy } from '@tokenflight/ky'
import ky from 'ky'
import { describe, expect, it } from 'vitest'
import { openReceiver } from './receiver.ts'
import { scriptedTokens } from './scripted-tokens.ts'

const clients = [
  {
    name: 'fetch',
    open: (tokens: TokenSource, origins: string) => withBearerFetch(fetch, tokens, { origins }),
  },
  {
    name: 'ky',
    open: (tokens: TokenSource, origins: string) => withBearerKy(ky, tokens, { origins }),
  },
]

describe.each(clients)('A10 a Request as input, $name', ({ open }) => {
  async function openScene() {
    const tokens = scriptedTokens()
    const api = await openReceiver(tokens, 'http')
    tokens.expire()
    return { api, send: open(tokens, api.url), url: `${api.url}/` }
  }

  it('without a body is sent again', async () => {
    const { api, send, url } = await openScene()
    expect((await send(new Request(url))).status).toBe(200)
    expect(api.received.map(({ token }) => token)).toEqual(['token-1', 'token-2'])
  })

  it('with a body is sent again whole, under its own content type', async () => {
    const { api, send, url } = await openScene()
    const headers = { 'content-type': 'application/json' }
    const request = new Request(url, { method: 'POST', headers, body: '{"amount":1}' })
    expect((await send(request)).status).toBe(200)
    expect(api.received.map(({ token, contentType, body }) => [token, contentType, String(body)])).toEqual([
      ['token-1', 'application/json', '{"amount":1}'],
      ['token-2', 'application/json', '{"amount":1}'],
    ])
  })

  it('with credentials of its own is left alone', async () => {
    const { api, send, url } = await openScene()
    const request = new Request(url, { headers: { authorization: 'Basic dXNlcjpwYXNz' } })
    const status = await send(request).then(
      (response) => response.status,
      (error: unknown) => Reflect.get(Object(Reflect.get(Object(error), 'response')), 'status'),
    )
    expect(status).toBe(401)
    expect(api.received.map(({ token }) => token)).toEqual(['Basic dXNlcjpwYXNz'])
  })
})
