import { inspect } from 'node:util'
import { findTokenError, TokenError, type TokenSource } from '@tokenflight/core'
import { describe, expect, it } from 'vitest'
import { failingTokens, openApi, openClient, statuses, thrownBy, twoTokens, versions } from './kit.ts'

describe.each(versions)('A11 a token that cannot be had before sending, $version', (version) => {
  const failure = new TokenError('reauthorization_required', 'Sign in again.', { status: 400 })
  const tokens: TokenSource = { getAccessToken: () => Promise.reject(failure) }

  it('is an AxiosError with the reason as its cause', async () => {
    const { api, client } = await openClient(version, { tokens })
    const error = await thrownBy(client.get('/mine'))
    const { axios } = version
    if (!axios.isAxiosError(error)) throw error
    expect(error).toBeInstanceOf(axios.AxiosError)
    expect(error.name).toBe('AxiosError')
    expect(error.message).toBe('Sign in again.')
    expect(error.config?.url).toBe('/mine')
    expect(error.cause).toBe(failure)
    expect(findTokenError(error)).toBe(failure)
    expect(Object.keys(error)).not.toContain('cause')
    expect(api.requests).toEqual([])
  })

  it('has neither a code nor a status: it is no network error, and no answer of the resource server', async () => {
    const { client } = await openClient(version, { tokens })
    const error = await thrownBy(client.get('/'))
    expect(error).toMatchObject({ message: 'Sign in again.' })
    for (const name of ['code', 'status', 'response', 'request'])
      expect(Reflect.get(error as object, name)).toBeUndefined()
    expect(JSON.parse(JSON.stringify(error)).message).toBe('Sign in again.')
  })
})

describe.each(versions)('A11 a refresh that fails after a 401, $version', (version) => {
  const failure = new TokenError('invalid_client', 'Correct the client secret.', { status: 403 })

  it('is an AxiosError with the 401, so that checks of the status keep working', async () => {
    const tokens = failingTokens(failure)
    const { api, client } = await openClient(version, { tokens })
    const error = await thrownBy(client.get('/'))
    const { axios } = version
    if (!axios.isAxiosError(error)) throw error
    expect(error.response?.status).toBe(401)
    expect(error.response?.data).toEqual({ error: 'invalid_token' })
    expect(error.code).toBe('ERR_BAD_REQUEST')
    expect(error.message).toBe('Correct the client secret.')
    expect(findTokenError(error)).toBe(failure)
    expect(statuses(api)).toEqual([401])
  })

  it('rejects also where validateStatus would let the 401 pass', async () => {
    const { client } = await openClient(version, { tokens: failingTokens(failure), validateStatus: () => true })
    expect(await thrownBy(client.get('/'))).toMatchObject({ isAxiosError: true, response: { status: 401 } })
  })
})

describe.each(versions)('A11 a replay that is refused too, $version', (version) => {
  it('is axios’s ordinary 401', async () => {
    const { api, client } = await openClient(version, { api: await openApi('nobody') })
    const error = await thrownBy(client.get('/'))
    expect(error).toMatchObject({
      name: 'AxiosError',
      code: 'ERR_BAD_REQUEST',
      message: 'Request failed with status code 401',
      response: { status: 401, data: { error: 'invalid_token' } },
    })
    expect(findTokenError(error)).toBeUndefined()
    expect(statuses(api)).toEqual([401, 401])
  })
})

describe.each(versions)('A5 isRejected, $version', (version) => {
  it('sees what came over the wire, before transformResponse', async () => {
    const seen: unknown[] = []
    const { axios, withBearer } = version
    const api = await openApi('a')
    const client = withBearer(axios.create({ baseURL: api.url }), twoTokens(), {
      isRejected: ({ data }) => {
        seen.push(data)
        return String(data).includes('token_expired')
      },
    })
    api.script([
      { status: 200, body: '{"error":"token_expired"}' },
      { status: 200, body: '{"ok":true}' },
    ])
    expect((await client.get('/')).data).toEqual({ ok: true })
    expect(seen).toEqual(['{"error":"token_expired"}'])
  })

  it('that throws reaches the caller as it is', async () => {
    const failure = new Error('mine')
    const { axios, withBearer } = version
    const api = await openApi('a')
    const client = withBearer(axios.create({ baseURL: api.url }), twoTokens(), {
      isRejected: () => {
        throw failure
      },
    })
    expect(await thrownBy(client.get('/'))).toBe(failure)
  })
})

describe.each(versions)('P1 the token, $version', (version) => {
  const secret = 'canary-5f1c'
  const tokens: TokenSource = {
    getAccessToken: async () => ({ accessToken: secret, tokenType: 'Bearer', obtainedAt: 0 }),
  }

  it.each(['http', 'fetch'])('is in no error that is logged, on the %s adapter', async (adapter) => {
    const { api, client } = await openClient(version, { tokens, api: await openApi(secret), adapter })
    const failures: unknown[] = []
    for (const [scripted, config] of [
      [[500], {}],
      [[500], { responseType: 'stream' }],
      [['reset'], {}],
      [[{ status: 302, headers: { location: 'http://[' } }], {}],
      [[{ status: 200, body: '{' }], { responseType: 'json', transitional: { silentJSONParsing: false } }],
    ] as const) {
      api.script([...scripted])
      failures.push(await thrownBy(client.get('/', config)))
    }
    const controller = new AbortController()
    const held = api.hold('before')
    const aborted = thrownBy(client.get('/', { signal: controller.signal }))
    await held.arrived
    controller.abort()
    failures.push(await aborted)
    held.release()
    api.hold('before')
    failures.push(await thrownBy(client.get('/', { timeout: 100 })))
    api.configure({ protection: 'refuse_all' })
    failures.push(await thrownBy(client.get('/')))
    for (const error of failures) {
      if (!version.axios.isAxiosError(error)) throw error
      expect(inspect(error, { depth: 20 }), error.code).not.toContain(secret)
    }
  })

  it('is not shown by a response either, whose request is where it was', async () => {
    const { api, client } = await openClient(version, { tokens, api: await openApi(secret) })
    // By itself it shows the request that came.
    api.script([{ status: 200, body: 'good' }])
    const response = await client.get('/')
    expect(inspect(response, { depth: 20 })).not.toContain(secret)
    expect({ ...response }.request.path).toBe('/')
  })

  it('leaves error.request where interceptors look for it', async () => {
    const { api, client } = await openClient(version, { tokens, api: await openApi(secret) })
    api.script([500])
    const error = await thrownBy(client.get('/'))
    if (!version.axios.isAxiosError(error)) throw error
    expect(error.request.path).toBe('/')
    expect(error.response?.request).toBe(error.request)
    expect(Object.keys(error)).not.toContain('request')
  })

  it('is not asked for where the word on one request is wrong', async () => {
    const { api, client } = await openClient(version, { tokens })
    const bearer = { replayBody: 'again' } as unknown as { replayBody: () => unknown }
    const error = await thrownBy(client.get('/', { bearer }))
    expect(version.axios.isAxiosError(error) && findTokenError(error)?.message).toContain('replayBody takes a function')
    expect(api.requests).toEqual([])
  })

  it.each(['http', 'fetch'])('is not in the config of an error or a response, on the %s adapter', async (adapter) => {
    const { api, client } = await openClient(version, { tokens, api: await openApi(secret), adapter })
    const { config } = await client.get('/')
    api.script([500])
    const error = await thrownBy(client.get('/'))
    if (!version.axios.isAxiosError(error)) throw error
    await api.close()
    const down = await thrownBy(client.get('/'))
    if (!version.axios.isAxiosError(down)) throw down
    for (const shown of [config, error.config, error.response?.config, error.toJSON(), down.config])
      expect(inspect(shown, { depth: 9, showHidden: true })).not.toContain(secret)
  })
})
