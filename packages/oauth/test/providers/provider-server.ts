import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'
import type { Answer, Fixture } from './fixture.ts'

export interface ProviderServer {
  /** Sends what goes to the provider here instead. */
  fetch: typeof fetch
  /** The refresh tokens that were presented. */
  presented: string[]
  /** What was wrong with the requests. */
  problems: string[]
  /** The next requests are answered so, and nothing is spent. */
  answers: Answer[]
  /** The next answer is lost on its way back: the token is spent. */
  loseOne: boolean
}

/**
 * The token endpoint of a provider as its fixture has it: takes requests of that shape and no other, and every refresh token once
 * where it rotates.
 */
export async function providerServer(fixture: Fixture): Promise<ProviderServer> {
  const state: ProviderServer = { fetch, presented: [], problems: [], answers: [], loseOne: false }
  let current = 'R0'
  let issued = 0
  let again: string | undefined

  const answerTo = (refreshToken: string): Answer => {
    const planned = state.answers.shift()
    if (planned !== undefined) return planned
    const repeated = refreshToken === again && fixture.lostAnswer !== 'harm'
    if (refreshToken !== current && !repeated) return fixture.dead
    again = state.loseOne ? refreshToken : undefined
    issued += 1
    if (fixture.rotates) current = `R${issued}`
    return [200, fixture.tokens(issued)]
  }

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { 'x-target': target = '', ...headers } = request.headers
    const parameters = check(fixture, String(target), request.method, headers, body, state.problems)
    const refreshToken = parameters['refresh_token'] ?? ''
    state.presented.push(refreshToken)
    const lost = state.loseOne
    const [status, answer, more] = answerTo(refreshToken)
    state.loseOne = false
    if (lost) {
      response.destroy()
      return
    }
    response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(answer))
  }
  const server = createServer((request, response) => void respond(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  state.fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('x-target', String(input))
    return fetch(`http://127.0.0.1:${address.port}/`, { ...init, headers })
  }
  return state
}

/** The parameters, after everything about the request has been looked at. */
function check(
  { endpoint, format, authentication, parameters: wanted, headers: wantedHeaders }: Fixture,
  target: string,
  method: string | undefined,
  headers: Record<string, string | string[] | undefined>,
  body: string,
  problems: string[],
): Record<string, string> {
  const expect = (what: string, is: unknown, wants: unknown) => {
    if (JSON.stringify(is) !== JSON.stringify(wants))
      problems.push(`${what}: ${JSON.stringify(is)}, not ${JSON.stringify(wants)}`)
  }
  expect('method', method, 'POST')
  const url = new URL(target)
  expect('endpoint', format === 'query' ? url.origin + url.pathname : target, endpoint)
  expect('content-type', headers['content-type']?.toString().split(';')[0], types[format])
  for (const [name, value] of Object.entries(wantedHeaders)) expect(name, headers[name], value)
  const sent: Record<string, string> =
    format === 'json'
      ? JSON.parse(body)
      : Object.fromEntries(format === 'form' ? new URLSearchParams(body) : url.searchParams)
  if (format === 'query') expect('body', body, '')
  const { refresh_token: _, client_id, client_secret, ...rest } = sent
  expect('parameters', rest, wanted)
  const basic = authentication === 'basic' ? `Basic ${btoa('client-1:s3cret-of-the-client')}` : undefined
  expect('authorization', headers['authorization'], basic)
  expect('client_secret', client_secret, authentication === 'post' ? 's3cret-of-the-client' : undefined)
  const inBody = authentication !== 'basic' && !Object.values(wantedHeaders).includes('client-1')
  expect('client_id', client_id, inBody ? 'client-1' : undefined)
  return sent
}

const types = { form: 'application/x-www-form-urlencoded', json: 'application/json', query: undefined }
