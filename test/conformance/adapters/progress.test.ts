import { withBearer as withBearerAxios } from '@tokenflight/axios'
import { withBearer as withBearerKy } from '@tokenflight/ky'
import axios from 'axios'
import ky from 'ky'
import { describe, expect, it } from 'vitest'
import { openApi } from './scene.ts'
import { scriptedTokens } from './scripted-tokens.ts'

const body = 'x'.repeat(200_000)

async function openScene() {
  const tokens = scriptedTokens()
  const api = await openApi({ introspect: (token) => tokens.introspect(token) })
  return { tokens, api, url: `${api.url}/` }
}

describe('A4 progress events', () => {
  it.each(['http', 'fetch'])('of axios tell of every sending to its end, on the %s adapter', async (adapter) => {
    const { tokens, api, url } = await openScene()
    const up: number[] = []
    const down: number[] = []
    const client = withBearerAxios(axios.create({ adapter }), tokens, { origins: api.url })
    tokens.expire()
    await client.post(url, body, {
      onUploadProgress: ({ loaded }) => up.push(loaded),
      onDownloadProgress: ({ loaded }) => down.push(loaded),
    })
    expect(api.requests.map(({ bodyLength }) => bodyLength)).toEqual([body.length, body.length])
    expect(up.at(-1)).toBe(body.length)
    expect(up.filter((loaded) => loaded === body.length)).toHaveLength(2)
    expect(down.at(-1)).toBeGreaterThan(0)
  })

  it('of ky tell of the upload to its end', async () => {
    const { tokens, api, url } = await openScene()
    const up: number[] = []
    const client = withBearerKy(ky, tokens, { origins: api.url })
    tokens.expire()
    await client.post(url, { body, onUploadProgress: ({ transferredBytes }) => up.push(transferredBytes) })
    expect(api.requests.map(({ bodyLength }) => bodyLength)).toEqual([body.length, body.length])
    expect(up.at(-1)).toBe(body.length)
  })
})
