import { afterEach, expect, it, vi } from 'vitest'
import { twoTokens, versions } from './kit.ts'

afterEach(() => vi.unstubAllGlobals())

it.each(versions)(
  'A1 the token is sent also where the page has replaced the global Promise, $version',
  async ({ axios, withBearer }) => {
    const seen: unknown[] = []
    const client = axios.create({
      baseURL: 'https://api.example.com',
      adapter: async (config) => {
        seen.push(config.headers.get('Authorization'))
        return { data: '', status: 200, statusText: '', headers: {}, config }
      },
    })
    withBearer(client, twoTokens())
    // zone.js does: what async functions return is then no instance of it.
    vi.stubGlobal('Promise', class extends Promise<unknown> {})
    await client.get('/')
    expect(seen).toEqual(['Bearer a'])
  },
)
