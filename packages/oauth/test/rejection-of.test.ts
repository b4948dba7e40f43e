import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { withBearer as withBearerAxios } from '@tokenflight/axios'
import type { TokenSource } from '@tokenflight/core'
import { withBearer as withBearerFetch } from '@tokenflight/fetch'
import { withBearer as withBearerGot } from '@tokenflight/got'
import { withBearer as withBearerKy } from '@tokenflight/ky'
import { rejectionOf } from '@tokenflight/oauth'
import axios from 'axios'
import got from 'got'
import ky from 'ky'
import { describe, expect, onTestFinished, test } from 'vitest'

/** An API that refuses A0 in its own way and answers A1; how often it was asked. */
async function api(refuse: (response: ServerResponse) => void) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { authorization = '' } = request.headers
    asked.push(authorization)
    request.resume()
    if (authorization === 'Bearer A0') refuse(response)
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true,"error":"token_expired"}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, asked }
}

function source(): TokenSource {
  let current = 'A0'
  return {
    getAccessToken: async ({ rejected } = {}) => {
      if (rejected === current) current = 'A1'
      return { accessToken: current, tokenType: 'Bearer', obtainedAt: 0 }
    },
  }
}

type Call = (url: string, isRejected: (response: object) => boolean | Promise<boolean>) => Promise<string>

const clients: [string, Call][] = [
  [
    'fetch',
    async (url, isRejected) => (await withBearerFetch(fetch, source(), { origins: url, isRejected })(url)).text(),
  ],
  [
    'ky',
    (url, isRejected) =>
      withBearerKy(ky.create({ retry: 0, throwHttpErrors: false }), source(), { origins: url, isRejected })(url).text(),
  ],
  [
    'got',
    (url, isRejected) =>
      withBearerGot(got, source(), { origins: url, isRejected })(url, {
        throwHttpErrors: false,
        retry: { limit: 0 },
      }).text(),
  ],
  [
    'got, parsed',
    async (url, isRejected) => {
      const instance = withBearerGot(got, source(), { origins: url, isRejected })
      const { body } = await instance(url, { throwHttpErrors: false, retry: { limit: 0 }, responseType: 'json' })
      return JSON.stringify(body)
    },
  ],
  [
    'axios',
    async (url, isRejected) => {
      const instance = withBearerAxios(axios.create({ baseURL: url, validateStatus: () => true }), source(), {
        isRejected,
      })
      return JSON.stringify((await instance.get('/')).data)
    },
  ],
  [
    'axios, bytes',
    async (url, isRejected) => {
      const instance = withBearerAxios(axios.create({ baseURL: url, validateStatus: () => true }), source(), {
        isRejected,
      })
      return Buffer.from((await instance.get('/', { responseType: 'arraybuffer' })).data).toString()
    },
  ],
]

const type = (name: string) => ({ 'content-type': name })
const bulk = '<?xml version="1.0"?><error><exceptionCode>InvalidSessionId</exceptionCode></error>'
const soap = '<soapenv:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode></soapenv:Fault>'

describe.each(clients)(
  'a provider refuses an access token in its own way, and %s sends the request once more',
  (_, call) => {
    test('Slack: 200 and token_expired; the success that follows is one, whatever it says', async () => {
      const { url, asked } = await api((response) =>
        response.writeHead(200, type('application/json; charset=utf-8')).end('{"ok":false,"error":"token_expired"}'),
      )
      expect(await call(url, rejectionOf('slack'))).toBe('{"ok":true,"error":"token_expired"}')
      expect(asked).toEqual(['Bearer A0', 'Bearer A1'])
    })

    test('Slack: a token that was revoked is no reason to refresh', async () => {
      const body = '{"ok":false,"error":"token_revoked"}'
      const { url, asked } = await api((response) => response.writeHead(200, type('application/json')).end(body))
      expect(await call(url, rejectionOf('slack'))).toBe(body)
      expect(asked).toEqual(['Bearer A0'])
    })

    test('a provider without such ways: nothing is looked at', async () => {
      const body = '{"ok":false,"error":"token_expired"}'
      const { url, asked } = await api((response) => response.writeHead(200, type('application/json')).end(body))
      expect(await call(url, rejectionOf('github'))).toBe(body)
      expect(asked).toHaveLength(1)
    })
  },
)

// Nobody parses XML as JSON.
describe.each(clients.filter(([client]) => client !== 'got, parsed'))(
  'the Bulk API and the SOAP API refuse one in XML, and %s replays',
  (_, call) => {
    test.each([
      [400, bulk],
      [500, soap],
    ] as const)('Salesforce: %i', async (status, body) => {
      const { url, asked } = await api((response) => response.writeHead(status, type('application/xml')).end(body))
      expect(await call(url, rejectionOf('salesforce'))).toBe('{"ok":true,"error":"token_expired"}')
      expect(asked).toEqual(['Bearer A0', 'Bearer A1'])
    })
  },
)

describe('what it costs', () => {
  const isRejected = rejectionOf('slack')
  const refusal = '{"ok":false,"error":"token_expired"}'
  const answer = (body: BodyInit | null, headers: Record<string, string>, status = 200) =>
    new Response(body, { status, headers })

  test('another status is answered at once, and nothing is copied', () => {
    const response = answer(refusal, type('application/json'), 403)
    response.clone = () => {
      throw new Error('copied')
    }
    expect(isRejected(response)).toBe(false)
  })

  test.each<[string, Response]>([
    ['a success that quotes it', answer('{"ok":true,"error":"token_expired"}', type('application/json'))],
    ['a list that holds it', answer('[{"error":"token_expired"}]', type('application/json'))],
    ['a page', answer(refusal, type('text/html'))],
    ['an event stream', answer(refusal, type('text/event-stream'))],
    ['no type', answer(new TextEncoder().encode(refusal), {})],
    ['a length that says too much', answer(refusal, { ...type('application/json'), 'content-length': '1000000' })],
    ['too much', answer(`${refusal}${' '.repeat(70_000)}`, type('application/json'))],
    ['no body', answer(null, type('application/json'))],
    ['broken JSON', answer('{"ok":false', type('application/json'))],
    ['text that says it', answer('"token_expired"', type('application/json'))],
  ])('%s is no refusal, and the answer stays whole', async (_, response) => {
    expect(await isRejected(response)).toBe(false)
    expect(response.bodyUsed).toBe(false)
    await response.text()
  })

  test('a body that breaks off is the caller to find out about', async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new Error('reset'))
      },
    })
    const response = answer(body, type('application/json'))
    expect(await isRejected(response)).toBe(false)
    await expect(response.text()).rejects.toThrow('reset')
  })

  test('a body that was read already is left alone', async () => {
    const response = answer(refusal, type('application/json'))
    await response.text()
    expect(await isRejected(response)).toBe(false)
  })

  test.each<[string, object]>([
    ['parsed', { status: 200, data: { ok: false, error: 'token_expired' } }],
    ['text', { status: 200, data: refusal }],
    ['bytes', { statusCode: 200, body: new TextEncoder().encode(refusal) }],
  ])('a body that the client has %s is read as it is', (_, response) => {
    expect(isRejected(response)).toBe(true)
  })

  test.each<[string, object]>([
    ['a stream', { status: 200, data: new ReadableStream() }],
    ['nothing', { status: 200 }],
    ['null', { statusCode: 200, body: null }],
    ['a long text', { status: 200, data: `${refusal}${' '.repeat(70_000)}` }],
    ['many bytes', { status: 200, data: new Uint8Array(70_000) }],
  ])('%s is no refusal', (_, response) => {
    expect(isRejected(response)).toBe(false)
  })
})
