import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noBrowser } from './chromium.ts'
import { openStage, type Stage, tabOf } from './scene.ts'

describe.skipIf(noBrowser)('S9 what is kept, and for how long', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  test('S10 with webKeys nothing in IndexedDB shows a token, and all tabs read it', async () => {
    await using scene = await stage.scene()
    const [one, two] = await Promise.all([scene.open({ encrypted: true }), scene.open({ encrypted: true })])
    // Both at once: one of the two keys becomes everybody's.
    await Promise.all([one.token(), two.token()])
    const response = await scene.server.signIn()
    await one.signIn(response)
    await expect.poll(() => two.token()).toBe(response.access_token)
    const stored = await one.page.evaluate(`new Promise((resolve) => {
      const request = indexedDB.open('tokenflight')
      request.onsuccess = () => {
        const entries = request.result.transaction('entries').objectStore('entries')
        const [keys, all] = [entries.getAllKeys(), entries.getAll()]
        all.onsuccess = () => resolve(JSON.stringify([keys.result, all.result]))
      }
    })`)
    expect(stored).toContain('"default"')
    for (const secret of [response.access_token, response.refresh_token]) expect(stored).not.toContain(secret)
    await one.page.reload()
    const options = { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url, encrypted: true }
    expect(await (await tabOf(one.page, options)).token()).toBe(response.access_token)
  })

  test('S10 with webKeys a sign-in after the storage was cleared is one that other tabs, and a reload, can read', async () => {
    await using scene = await stage.scene()
    const [one, two] = await Promise.all([scene.open({ encrypted: true }), scene.open({ encrypted: true })])
    await one.signIn(await scene.server.signIn())
    await two.token()
    // As a sign-out does it that answers with Clear-Site-Data: tokens and key are gone, and both tabs remember the key.
    const session = await scene.context.newCDPSession(one.page)
    await session.send('Storage.clearDataForOrigin', { origin: stage.site.origin, storageTypes: 'indexeddb' })
    for (const tab of [one, two]) await expect.poll(() => tab.token()).toBe('no_credential')
    const response = await scene.server.signIn()
    await one.signIn(response)
    for (const tab of [two, await scene.open({ encrypted: true })])
      await expect.poll(() => tab.token()).toBe(response.access_token)
    await one.page.reload()
    const options = { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url, encrypted: true }
    expect(await (await tabOf(one.page, options)).token()).toBe(response.access_token)
  })

  describe('session: webSession', () => {
    const session = { session: true }

    test('tabs share the credential, also those that are opened later', async () => {
      await using scene = await stage.scene()
      const one = await scene.open(session)
      const response = await scene.server.signIn()
      await one.signIn(response)
      const two = await scene.open(session)
      expect(await two.token()).toBe(response.access_token)
      await one.page.close()
      const three = await scene.open(session)
      expect(await three.token()).toBe(response.access_token)
    })

    test('a reload of the only tab goes on', async () => {
      await using scene = await stage.scene()
      const tab = await scene.open(session)
      const response = await scene.server.signIn()
      await tab.signIn(response)
      await tab.page.reload()
      const options = { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url, ...session }
      expect(await (await tabOf(tab.page, options)).token()).toBe(response.access_token)
    })

    test('after the last tab was closed the next one finds nothing, and its own sign-in works', async () => {
      await using scene = await stage.scene()
      const [one, two] = [await scene.open(session), await scene.open(session)]
      await one.signIn(await scene.server.signIn())
      await two.token()
      await one.page.close()
      await two.page.close()
      const next = await scene.open(session)
      expect(await next.token()).toBe('no_credential')
      const response = await scene.server.signIn()
      await next.signIn(response)
      expect(await (await scene.open(session)).token()).toBe(response.access_token)
    })

    test('tabs that are opened at the same time, after others, are one session', async () => {
      await using scene = await stage.scene()
      const before = await scene.open(session)
      await before.signIn(await scene.server.signIn())
      await before.page.close()
      const tabs = await Promise.all(Array.from({ length: 5 }, () => scene.open(session)))
      const found = await Promise.all(tabs.map((tab) => tab.token()))
      expect(new Set(found)).toEqual(new Set(['no_credential']))
      const response = await scene.server.signIn()
      await tabs[0]?.signIn(response)
      for (const tab of tabs) await expect.poll(() => tab.token()).toBe(response.access_token)
    })

    test('a reload while another tab opens goes on, as long as one stays', async () => {
      await using scene = await stage.scene()
      const [one, two] = [await scene.open(session), await scene.open(session)]
      const response = await scene.server.signIn()
      await one.signIn(response)
      await two.token()
      const [, three] = await Promise.all([one.page.reload(), scene.open(session)])
      expect(await three.token()).toBe(response.access_token)
      const options = { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url, ...session }
      expect(await (await tabOf(one.page, options)).token()).toBe(response.access_token)
    })

    test.each([
      ['no Web Locks', `Object.defineProperty(navigator, 'locks', { value: undefined })`, /has none/],
      ['Web Locks that never answer', `hang()`, /did not answer/],
    ])('with %s it is an error that says so', async (_, stub, message) => {
      await using scene = await stage.scene()
      const { page } = await scene.open()
      const said = await page.evaluate(`(async () => {
        const hang = () => {
          LockManager.prototype.request = (_name, { signal }) =>
            Promise.reject(signal.reason)
          AbortSignal.timeout = () => AbortSignal.abort()
        }
        ${stub}
        const store = tokenflight.webStore({ name: 'other', session: tokenflight.webSession })
        return await store.read('default').catch(({ code, message }) => code + ': ' + message)
      })()`)
      expect(said).toMatch(/^store_failed: webStore: `session` needs/)
      expect(said).toMatch(message)
    })

    test('without the option the next tab finds it', async () => {
      await using scene = await stage.scene()
      const one = await scene.open()
      const response = await scene.server.signIn()
      await one.signIn(response)
      await one.page.close()
      expect(await (await scene.open()).token()).toBe(response.access_token)
    })
  })
})
