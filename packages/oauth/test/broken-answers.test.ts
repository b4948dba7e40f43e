import { refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { deferred, failureOf, refresh } from './calls.ts'
import { serve, serveBytes } from './token-endpoint-server.ts'

const tokens = JSON.stringify({ access_token: 'A1', refresh_token: 'R1' })
const head = (length: number | string, type = 'application/json') =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`

const grantAt = (url: string) => refreshTokenGrant({ tokenEndpoint: url, clientId: 'app' })

describe('R8 a connection that ends before a whole answer leaves the outcome unknown', () => {
  test('reset after the request', async () => {
    const server = await serveBytes((socket) => socket.resetAndDestroy())
    const failure = await failureOf(refresh(grantAt(server.url)))
    expect(failure).toMatchObject({ outcome: 'unknown' })
    expect(failure.message).toContain('ECONNRESET')
    expect(server.requests).toHaveLength(1)
  })

  test('closed after the request', async () => {
    const server = await serveBytes((socket) => socket.end())
    expect(await failureOf(refresh(grantAt(server.url)))).toMatchObject({ outcome: 'unknown' })
    expect(server.requests).toHaveLength(1)
  })

  test('closed in the middle of the headers', async () => {
    const server = await serveBytes((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-ty'))
    expect(await failureOf(refresh(grantAt(server.url)))).toMatchObject({ outcome: 'unknown' })
    expect(server.requests).toHaveLength(1)
  })

  test('closed in the middle of the tokens', async () => {
    const server = await serveBytes((socket) => socket.end(head(tokens.length) + tokens.slice(0, -3)))
    expect(await failureOf(refresh(grantAt(server.url)))).toMatchObject({ outcome: 'unknown', status: 200 })
    expect(server.requests).toHaveLength(1)
  })

  test('closed in the middle of a form, which may hold half a token', async () => {
    const type = 'application/x-www-form-urlencoded'
    const server = await serveBytes((socket) => socket.end(`${head(60, type)}access_token=A1&refresh_token=R`))
    expect(await failureOf(refresh(grantAt(server.url)))).toMatchObject({ outcome: 'unknown', status: 200 })
  })

  test('an answer that is not HTTP', async () => {
    const server = await serveBytes((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n'))
    expect(await failureOf(refresh(grantAt(server.url)))).toMatchObject({ outcome: 'unknown' })
    expect(server.requests).toHaveLength(1)
  })

  test('a kept-alive connection that the server drops when it is used again: nothing is sent a second time', async () => {
    const server = await serveBytes((socket) => {
      if (server.requests.length === 1) socket.write(head(tokens.length) + tokens)
      else socket.resetAndDestroy()
    })
    const grant = grantAt(server.url)
    expect((await refresh(grant, 'R0')).refresh_token).toBe('R1')
    expect(await failureOf(refresh(grant, 'R1'))).toMatchObject({ outcome: 'unknown' })
    expect(server.requests).toHaveLength(2)
  })
})

describe('R2 tokens that arrived whole are kept, though the answer did not end well', () => {
  test('the body is shorter than announced', async () => {
    const server = await serveBytes((socket) => socket.end(head(tokens.length + 10) + tokens))
    expect(await refresh(grantAt(server.url))).toEqual(JSON.parse(tokens))
  })

  test('the last chunk never comes', async () => {
    const answer = `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${tokens.length.toString(16)}\r\n${tokens}\r\n`
    const server = await serveBytes((socket) => socket.end(answer))
    expect(await refresh(grantAt(server.url))).toEqual(JSON.parse(tokens))
  })

  test('the answer never ends and the request is given up', async () => {
    const abort = new AbortController()
    const server = await serveBytes((socket) => socket.write(head(tokens.length + 10) + tokens))
    const fetchThenAbort: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      const [seen, kept] = response.body?.tee() ?? []
      void seen
        ?.getReader()
        .read()
        .then(() => abort.abort())
      return new Response(kept ?? null, response)
    }
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', fetch: fetchThenAbort })
    expect(await refresh(grant, 'R0', abort.signal)).toEqual(JSON.parse(tokens))
  })

  test('an error that arrived whole counts too', async () => {
    const error = '{"error":"invalid_grant"}'
    const answer = `HTTP/1.1 400 Bad Request\r\ncontent-length: 100\r\n\r\n${error}`
    const server = await serveBytes((socket) => socket.end(answer))
    expect(await failureOf(refresh(grantAt(server.url)))).toMatchObject({ outcome: 'rejected', error: 'invalid_grant' })
  })
})

describe('R9 a body is read up to a bound', () => {
  test('1 MiB is read', async () => {
    const padding = ' '.repeat(1024 * 1024 - tokens.length)
    const server = await serve((response) => response.end(padding + tokens))
    expect(await refresh(grantAt(server.url))).toEqual(JSON.parse(tokens))
  })

  test('a byte more is not, and a form that was cut there is no answer', async () => {
    const form = 'access_token=A1&padding='
    const body = form + 'a'.repeat(1024 * 1024 + 1 - form.length)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const server = await serve((response) => response.writeHead(200, headers).end(body))
    expect(await failureOf(refresh(grantAt(server.url)))).toMatchObject({ outcome: 'unknown', status: 200 })
    const bodyOf: typeof fetch = async () => streamless(new Response(body, { headers }))
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', fetch: bodyOf })
    expect(await failureOf(refresh(grant))).toMatchObject({ outcome: 'unknown', status: 200 })
  })

  test('a character that comes in two pieces stays one', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ access_token: 'A1', name: 'Zoë' }))
    const pieces = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    const fetch = async () => new Response(pieces)
    const grant = refreshTokenGrant({ tokenEndpoint: 'https://as.example/token', clientId: 'app', fetch })
    expect(await refresh(grant)).toEqual({ access_token: 'A1', name: 'Zoë' })
  })

  test('an endless body is left after 1 MiB, and its connection closed', async () => {
    let written = 0
    const { promise: closed, resolve: close } = deferred<void>()
    const server = await serve((response) => {
      response.on('close', close)
      const write = (): void => {
        if (response.destroyed) return
        written += 65_536
        response.write(Buffer.alloc(65_536, ' '), () => setImmediate(write))
      }
      response.writeHead(200)
      write()
    })
    expect(await failureOf(refresh(grantAt(server.url)))).toMatchObject({ outcome: 'unknown', status: 200 })
    await closed
    // What the buffers of both ends hold comes on top.
    expect(written).toBeLessThan(64 * 1024 * 1024)
  })

  test('a body that a fetch without web streams hands over is read too', async () => {
    const fetch = async () => streamless(new Response(tokens))
    const grant = refreshTokenGrant({ tokenEndpoint: 'https://as.example/token', clientId: 'app', fetch })
    expect(await refresh(grant)).toEqual(JSON.parse(tokens))
  })
})

function streamless(response: Response): Response {
  return Object.defineProperty(response, 'body', { value: { pipe() {} } })
}
