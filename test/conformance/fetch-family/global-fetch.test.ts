import { installBearer } from '@tokenflight/fetch'
import { ofetch } from 'ofetch'
import createOpenApiClient from 'openapi-fetch'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AcmeClient } from './family.ts'
import { openStage } from './stage.ts'

describe('A12 the global fetch with our bearer in it', () => {
  it('authorizes clients that know no other fetch, until it is uninstalled', async () => {
    const { server, api, tokens } = await openStage({ expired: true })
    const original = globalThis.fetch
    const uninstall = installBearer(globalThis, tokens, { origins: api.url })
    onTestFinished(uninstall)
    const openApi = createOpenApiClient<{ '/things': { get: { responses: { 200: { content: object } } } } }>({
      baseUrl: api.url,
    })
    const sdk = new AcmeClient({ url: api.url })
    const calls = () => [
      fetch(`${api.url}/things`).then(({ status }) => status),
      openApi.GET('/things').then(({ response }) => response.status),
      ofetch.raw(`${api.url}/things`, { ignoreResponseError: true }).then(({ status }) => status),
      sdk.request('GET', '/things').then(
        () => 200,
        ({ status }) => status,
      ),
    ]
    expect(await Promise.all(calls())).toEqual([200, 200, 200, 200])
    expect(server.tokenRequests).toBe(1)

    uninstall()
    expect(globalThis.fetch).toBe(original)
    // Those too that have kept the function.
    expect(await Promise.all(calls())).toEqual([401, 401, 401, 401])
    expect(server.tokenRequests).toBe(1)
  })

  it('lets the refresh itself through without a token, where the token endpoint is on a listed origin', async () => {
    const { server, api, tokens } = await openStage({ expired: true })
    onTestFinished(installBearer(globalThis, tokens, { origins: [api.url, server.url] }))
    expect((await fetch(api.url)).status).toBe(200)
    expect([server.tokenRequests, server.replays]).toEqual([1, 0])
  })
})
