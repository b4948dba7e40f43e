import { createHash } from 'node:crypto'
import { authorizationServerHandlers, resourceServerHandlers } from '@tokenflight/testing/msw'
import axios from 'axios'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

const network = setupServer()
beforeAll(() => network.listen({ onUnhandledFrame: 'error' }))
afterEach(() => network.resetHandlers())
afterAll(() => network.close())

const url = 'https://api.example.com/v1'

function open() {
  const auth = authorizationServerHandlers('https://login.example.com')
  const api = resourceServerHandlers(url, auth)
  network.use(...auth.handlers, ...api.handlers)
  return { auth, api }
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('The resource server under msw', () => {
  it('answers 401 with a challenge, until the token is good', async () => {
    const { auth } = open()
    const bare = await fetch(`${url}/me`)
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"'])
    const { access_token } = await auth.signIn({ expired: true })
    const stale = await fetch(`${url}/me`, bearer(access_token))
    expect([stale.status, stale.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="api", error="invalid_token", error_description="The access token expired"',
    ])
    const fresh = await auth.signIn({ subject: 'alice' })
    const echo = await (await fetch(`${url}/me?a=1`, bearer(fresh.access_token))).json()
    expect(echo).toMatchObject({ method: 'GET', url: '/v1/me?a=1', subject: 'alice' })
  })

  it('echoes length and digest of the body, and records every request', async () => {
    const { auth, api } = open()
    const { access_token } = await auth.signIn()
    const body = 'a body with ünïcode'
    await fetch(url, { method: 'POST', body, ...bearer(access_token) })
    const sha256 = createHash('sha256').update(body).digest('hex')
    expect(api.requests[0]).toMatchObject({
      bodyLength: 21,
      bodySha256: sha256,
      phase: 'answered',
      token: access_token,
    })
  })

  it('puts resolvers of your own behind the token, with their params and body', async () => {
    const { auth, api } = open()
    const rename = http.post<{ id: string }>(
      `${url}/users/:id`,
      api.protect(async ({ request, params }) => HttpResponse.json({ id: params.id, name: await request.text() })),
    )
    network.use(rename)
    const { access_token } = await auth.signIn()
    const send = (token: string) => fetch(`${url}/users/7`, { method: 'POST', body: 'Bob', ...bearer(token) })
    expect((await send('at_unknown')).status).toBe(401)
    expect(await (await send(access_token)).json()).toEqual({ id: '7', name: 'Bob' })
    expect(api.requests.map(({ status, bodyLength }) => [status, bodyLength])).toEqual([
      [401, 3],
      [200, 3],
    ])
  })

  it('echoes where a resolver of yours gives nothing', async () => {
    const { auth, api } = open()
    network.use(
      http.get(
        `${url}/*`,
        api.protect(() => undefined),
      ),
    )
    const { access_token } = await auth.signIn({ subject: 'alice' })
    expect(await (await fetch(`${url}/x`, bearer(access_token))).json()).toMatchObject({ subject: 'alice' })
    expect(api.requests).toHaveLength(1)
  })

  it('is scripted, also where the resolver is yours', async () => {
    const { auth, api } = open()
    network.use(
      http.get(
        `${url}/mine`,
        api.protect(() => new HttpResponse('mine')),
      ),
    )
    const { access_token } = await auth.signIn()
    api.script([503, 401, 'reset', 'pass'])
    const call = () =>
      fetch(`${url}/mine`, bearer(access_token)).then(
        ({ status }) => status,
        () => 'network error',
      )
    expect([await call(), await call(), await call(), await call()]).toEqual([503, 401, 'network error', 200])
  })

  it('refuses every token where it is told to, and insufficient scopes with 403', async () => {
    const { auth, api } = open()
    const { access_token } = await auth.signIn({ scope: 'read' })
    const write = await fetch(`${url}/scope/write`, bearer(access_token))
    expect(write.status).toBe(200)
    const atRoot = resourceServerHandlers('https://root.example.com', auth)
    network.use(...atRoot.handlers)
    expect((await fetch('https://root.example.com/scope/write', bearer(access_token))).status).toBe(403)
    api.configure({ protection: 'refuse_all', refusalBytes: 1000 })
    const refused = await fetch(url, bearer(access_token))
    expect([refused.status, (await refused.text()).length]).toEqual([401, 1000])
  })

  it('lets a late 401 be late', async () => {
    const { auth, api } = open()
    const { access_token } = await auth.signIn({ expired: true })
    const held = api.hold('after', { when: ({ url }) => url.endsWith('/late') })
    const late = fetch(`${url}/late`, bearer(access_token))
    await held.arrived
    expect((await fetch(`${url}/quick`, bearer(access_token))).status).toBe(401)
    held.release()
    expect((await late).status).toBe(401)
  })

  it('serves clients on node:http as well', async () => {
    const { auth, api } = open()
    const { access_token } = await auth.signIn()
    const { status, data } = await axios.put(`${url}/thing`, 'x', { adapter: 'http', ...bearer(access_token) })
    expect([status, data.method, api.requests[0]?.bodyLength]).toEqual([200, 'PUT', 1])
    api.script(['reset'])
    await expect(axios.get(url, { adapter: 'http', ...bearer(access_token) })).rejects.toThrow()
  })

  it('refuses a relative URL', () => {
    const { auth } = open()
    expect(() => resourceServerHandlers('/api', auth)).toThrow('"/api" is not an absolute URL')
  })
})
