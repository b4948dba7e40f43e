import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { authorizationServer, resourceServer } from './servers.ts'
import { read, refresh, type WireAnswer } from './token-client.ts'

async function command(server: { url: string }, name: string, body?: unknown): Promise<WireAnswer> {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  return await read(await fetch(`${server.url}/_simulator/${name}`, init))
}

describe('the simulator over HTTP', () => {
  test('state says what the object says', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    await refresh(server, refresh_token)
    await server.waitFor(({ phase }) => phase === 'answered')
    const { status, body } = await command(server, 'state')
    expect(status).toBe(200)
    expect(body).toEqual(JSON.parse(JSON.stringify(server.state())))
  })

  test('sign-in, script, configure, expire and the revocations do what the methods do', async () => {
    const server = await authorizationServer()
    const { body: tokens } = await command(server, 'sign-in', { subject: 'alice' })
    const accessToken = String(tokens['access_token'])
    expect(server.introspect(accessToken)).toMatchObject({ active: true, subject: 'alice' })
    expect((await command(server, 'introspect', { token: accessToken })).body).toMatchObject({ active: true })

    await command(server, 'script', [{ fault: 'unavailable', retryAfter: 3 }])
    expect((await refresh(server, tokens['refresh_token'])).headers.get('retry-after')).toBe('3')
    await command(server, 'configure', { rotation: false, accessTokenLifetime: 5 })
    const second = await refresh(server, tokens['refresh_token'])
    expect(second.body).toMatchObject({ refresh_token: tokens['refresh_token'], expires_in: 5 })

    await command(server, 'expire', { grantId: 'grant_1' })
    expect(server.introspect(accessToken)).toEqual({ active: false, reason: 'expired' })
    const third = await refresh(server, tokens['refresh_token'])
    await command(server, 'revoke-access-token', { token: third.body['access_token'] })
    expect(server.introspect(String(third.body['access_token']))).toEqual({ active: false, reason: 'revoked' })
    await command(server, 'revoke-grant', { grantId: 'grant_1' })
    expect(server.isAlive('grant_1')).toBe(false)
  })

  test('a hanging request is released', async () => {
    const server = await authorizationServer()
    const { refresh_token } = await server.signIn()
    await command(server, 'script', [{ fault: 'hang' }])
    const answer = refresh(server, refresh_token)
    await server.waitFor(({ phase }) => phase === 'arrived')
    await command(server, 'release-hangs', {})
    expect((await answer).status).toBe(200)
  })

  test.each([
    ['nothing', {}, 404, 'There are: state, sign-in'],
    ['script', [{ fault: 'meteor' }], 400, 'JSON array of faults'],
    ['script', {}, 400, 'JSON array of faults'],
    ['configure', { rotate: true }, 400, 'no option \\"rotate\\"'],
    ['revoke-grant', { grantId: 'grant_9' }, 400, 'no grant \\"grant_9\\"'],
    ['introspect', { token: 7 }, 400, 'token must be a string'],
    ['sign-in', [], 400, 'must be a JSON object'],
  ])('a wrong command says what is wrong: %s %j', async (name, body, status, words) => {
    const server = await authorizationServer()
    const answer = await command(server, name, body)
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(words)
  })

  test('another process that knows nothing but the URL refreshes, and a resource server there asks by URL', async () => {
    const server = await authorizationServer()
    const { access_token, refresh_token = '' } = await server.signIn({ subject: 'alice' })
    const api = await resourceServer({ authorizationServer: server.url })
    const program = `
      const [url, api, accessToken, refreshToken] = process.argv.slice(1)
      const answers = [await fetch(api, { headers: { authorization: 'Bearer ' + accessToken } })]
      await fetch(url + '/_simulator/expire', { method: 'POST' })
      answers.push(await fetch(api, { headers: { authorization: 'Bearer ' + accessToken } }))
      const form = { grant_type: 'refresh_token', client_id: 'app', refresh_token: refreshToken }
      const metadata = await (await fetch(url + '/.well-known/oauth-authorization-server')).json()
      answers.push(await fetch(metadata.token_endpoint, { method: 'POST', body: new URLSearchParams(form) }))
      console.log(JSON.stringify(answers.map(({ status }) => status)))
    `
    const run = promisify(execFile)
    const words = ['--input-type=module', '-e', program, server.url, api.url, access_token, refresh_token]
    const { stdout } = await run(process.execPath, words)
    expect(JSON.parse(stdout)).toEqual([200, 401, 200])
    expect(server.presentations(refresh_token)).toHaveLength(1)
  })

  test('secrets rotate and die as by the methods', async () => {
    const server = await authorizationServer({ clients: { svc: { secrets: ['old'] } } })
    await command(server, 'rotate-secret', { secret: 'new', clientId: 'svc', overlap: 60_000 })
    expect(server.clients.get('svc')?.secrets).toEqual(['new', 'old'])
    await command(server, 'kill-secret', { secret: 'old', revokeTokens: true })
    expect(server.clients.get('svc')?.secrets).toEqual(['new'])
    expect(await command(server, 'kill-secret', { secret: 'new', clientId: 'stranger' })).toMatchObject({ status: 400 })
  })
})
