import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { type Client, clientNames, type UsualLogin } from '../src/demo/clients/client.ts'
import { loadClient } from '../src/demo/clients/load.ts'
import { onRejection } from '../src/demo/rejections.ts'

let rejections = 0
onRejection(() => rejections++)

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** Takes `new` alone. */
async function openApi() {
  const seen: unknown[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(request.headers.authorization === 'Bearer new' ? 200 : 401).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.close().closeAllConnections())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { url: `http://127.0.0.1:${address.port}`, seen }
}

/** A login whose token the API no longer takes. */
function openLogin(answer = 'new'): UsualLogin & { refreshes: number } {
  let token = 'old'
  return {
    refreshes: 0,
    accessToken: async () => token,
    async refresh() {
      this.refreshes++
      token = answer
      return answer
    },
  }
}

// The demo is fair only where the usual way works for one caller, with every client.
describe.each(clientNames)('the demo with %s', (name) => {
  test('a 401 is noticed, whichever client gets it', async () => {
    const { url } = await openApi()
    const before = rejections
    await (await loadClient(name)).usual(openLogin())(url)
    expect(rejections - before).toBe(1)
  })

  test('the usual way refreshes after a 401 and sends the request again', async () => {
    const { url, seen } = await openApi()
    const login = openLogin()
    expect(await (await loadClient(name)).usual(login)(url)).toBe(200)
    expect([seen, login.refreshes]).toEqual([['Bearer old', 'Bearer new'], 1])
  })

  test('the usual way sends a request again once only', async () => {
    const { url, seen } = await openApi()
    const login = openLogin('refused as well')
    const outcome = await (await loadClient(name))
      .usual(login)(url)
      .catch(() => 'rejected')
    expect(outcome).toBe(name === 'fetch' ? 401 : 'rejected')
    expect(seen.length).toBe(2)
  })

  test('with tokenflight the adapter does the same', async () => {
    const { url, seen } = await openApi()
    const client: Client = await loadClient(name)
    const tokens = {
      getAccessToken: async ({ rejected }: { rejected?: string } = {}) => ({
        accessToken: rejected === undefined ? 'old' : 'new',
        tokenType: 'Bearer',
        obtainedAt: 0,
      }),
    }
    expect(await client.withBearer(tokens, url)(url)).toBe(200)
    expect(seen).toEqual(['Bearer old', 'Bearer new'])
  })
})
