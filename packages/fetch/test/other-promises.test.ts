import { afterEach, expect, it, vi } from 'vitest'
import { withBearer } from '../src/index.ts'
import { twoTokens } from './kit.ts'

afterEach(() => vi.unstubAllGlobals())

it('A1 the token is sent also where the page has replaced the global Promise', async () => {
  const seen: (string | null)[] = []
  const api = withBearer(
    async (_, init) => {
      seen.push(new Headers(init?.headers).get('authorization'))
      return new Response(null)
    },
    twoTokens(),
    { origins: 'https://api.example.com' },
  )
  // zone.js does: what async functions return is then no instance of it.
  vi.stubGlobal('Promise', class extends Promise<unknown> {})
  await api('https://api.example.com/')
  expect(seen).toEqual(['Bearer a'])
})
