// What the example promises, in real Chromium.

import {
  type AuthorizationServer,
  type ResourceServer,
  startAuthorizationServer,
  startResourceServer,
} from '@tokenflight/testing'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle, noBrowser, type Site, serve, startBrowser } from '../../test/browser/chromium.ts'

describe.skipIf(noBrowser)('a public client whose refresh token rotates', () => {
  let authorizationServer: AuthorizationServer
  let api: ResourceServer
  let site: Site
  let browser: Browser

  beforeAll(async () => {
    authorizationServer = await startAuthorizationServer()
    api = await startResourceServer({ authorizationServer })
    site = await serve({
      '/': '<!doctype html><title>app</title><script src="/app.js"></script>',
      '/app.js': await bundle(new URL('./app.ts', import.meta.url), 'example'),
    })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await api?.close()
    await authorizationServer?.close()
  })

  test('works from sign-in to sign-out, with one token request per expiry for all tabs', async () => {
    const context = await browser.newContext()
    const start = (page: Page) =>
      page.evaluate(`void (app = example.start(${JSON.stringify({ issuer: authorizationServer.url, api: api.url })}))`)
    const open = async () => {
      const page = await context.newPage()
      await page.goto(site.origin)
      await start(page)
      return page
    }
    const call = (page: Page) => page.evaluate('Promise.all(Array.from({ length: 10 }, () => app.call()))')
    const all = (answer: unknown) => Array.from({ length: 10 }, () => answer)

    const [tab, other] = [await open(), await open()]
    expect(await call(tab)).toEqual(all('sign in'))
    const signedIn = await authorizationServer.signIn()
    await tab.evaluate(`app.signedIn(${JSON.stringify(signedIn)})`)
    authorizationServer.expireAccessTokens()
    expect(await Promise.all([call(tab), call(other)])).toEqual([all(200), all(200)])
    expect([authorizationServer.tokenRequests, authorizationServer.replays]).toEqual([1, 0])

    await tab.reload()
    await start(tab)
    expect(await call(tab)).toEqual(all(200))
    expect(authorizationServer.tokenRequests).toBe(1)

    const kept = await tab.evaluate(`new Promise((resolve) => {
      indexedDB.open('tokenflight').onsuccess = ({ target: { result } }) => {
        const request = result.transaction('entries').objectStore('entries').getAll()
        request.onsuccess = () => resolve(JSON.stringify(request.result))
      }
    })`)
    for (const token of authorizationServer.issued) expect(kept).not.toContain(token)

    await other.evaluate('app.signOut()')
    await expect.poll(() => call(tab)).toEqual(all('sign in'))
    expect(authorizationServer.revocations.length).toBeGreaterThan(0)
    await context.close()
  })
})
