// What the example promises, in real Chromium.

import {
  type AuthorizationServer,
  type ResourceServer,
  startAuthorizationServer,
  startResourceServer,
} from '@tokenflight/testing'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle, noBrowser, type Site, serve, startBrowser } from '../../test/browser/chromium.ts'
import { createBackEnd } from './back-end.ts'

describe.skipIf(noBrowser)('an access token in memory, and a cookie that only the back end reads', () => {
  let authorizationServer: AuthorizationServer
  let api: ResourceServer
  let backEnd: ReturnType<typeof createBackEnd>
  let site: Site
  let browser: Browser
  let context: BrowserContext
  /** Of the back end. */
  let refreshes = 0

  beforeAll(async () => {
    const client = { clientId: 'back-end', clientSecret: 'only-the-back-end-knows' }
    authorizationServer = await startAuthorizationServer({
      clients: { 'back-end': { secrets: [client.clientSecret] } },
    })
    api = await startResourceServer({ authorizationServer })
    backEnd = createBackEnd({ tokenEndpoint: authorizationServer.tokenEndpoint, ...client })
    const files = {
      '/': '<!doctype html><title>app</title><script src="/app.js"></script>',
      '/app.js': await bundle(new URL('./app.ts', import.meta.url), 'example'),
    }
    site = await serve(files, async (request, response) => {
      if (request.url === '/refresh') {
        refreshes++
        return await backEnd.refresh(request, response)
      }
      if (request.url === '/sign-out') await backEnd.signOut(request)
      const cookie = request.url === '/sign-in' && (await backEnd.signIn(await authorizationServer.signIn()))
      response.writeHead(303, { location: '/', ...(cookie && { 'set-cookie': cookie }) }).end()
    })
    browser = await startBrowser()
    context = await browser.newContext()
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await backEnd?.close()
    await api?.close()
    await authorizationServer?.close()
  })

  async function open(path = '/'): Promise<Page> {
    const page = await context.newPage()
    await page.goto(`${site.origin}${path}`)
    await start(page)
    return page
  }
  const start = (page: Page) => page.evaluate(`void (app = example.start(${JSON.stringify(api.url)}))`)
  const call = (page: Page, count: number) =>
    page.evaluate(`Promise.all(Array.from({ length: ${count} }, () => app.call()))`)

  test('works from sign-in to sign-out, with one token request per expiry for all tabs', async () => {
    expect(await call(await open(), 1)).toEqual(['sign in'])

    const tabs = [await open('/sign-in'), await open()]
    const everybody = () => Promise.all(tabs.map((tab) => call(tab, 10)))
    const well = tabs.map(() => Array.from({ length: 10 }, () => 200))
    expect(await everybody()).toEqual(well)
    expect(authorizationServer.tokenRequests).toBe(0)
    authorizationServer.expireAccessTokens()
    expect(await everybody()).toEqual(well)
    expect([authorizationServer.tokenRequests, authorizationServer.replays]).toEqual([1, 0])

    const [tab, other] = tabs
    if (tab === undefined || other === undefined) throw new Error('two tabs')
    // A page that was loaded anew has no token, and asks the back end for one.
    refreshes = 0
    await tab.reload()
    await start(tab)
    expect(await call(tab, 10)).toEqual(Array.from({ length: 10 }, () => 200))
    expect([refreshes, authorizationServer.tokenRequests]).toEqual([1, 1])

    // What a script can find: no cookie, no storage.
    expect(
      await tab.evaluate(
        'indexedDB.databases().then((all) => [document.cookie, localStorage.length, sessionStorage.length, all.length])',
      ),
    ).toEqual(['', 0, 0, 0])

    await other.goto(`${site.origin}/sign-out`)
    await start(other)
    expect(await call(other, 1)).toEqual(['sign in'])
  })

  test("another site's page gets nothing out of the refresh endpoint", async () => {
    await open('/sign-in')
    const foreign = await serve({ '/': '<!doctype html><title>another</title>' })
    const page = await context.newPage()
    await page.goto(foreign.origin.replace('127.0.0.1', 'localhost'))
    const [answered] = await Promise.all([
      page.waitForResponse(`${site.origin}/refresh`),
      page.evaluate(
        `fetch('${site.origin}/refresh', { method: 'POST', credentials: 'include', mode: 'no-cors', body: '{}' })`,
      ),
    ])
    expect(answered.status()).toBe(403)
    await foreign.close()
  })
})
