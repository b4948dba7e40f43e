import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noBrowser } from './chromium.ts'
import { openStage, type Stage, tabOf } from './scene.ts'

describe.skipIf(noBrowser)('S9 storage, network and clock in trouble', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  test('a page that is given no storage says so, and what to do; with a fallback it works in memory', async () => {
    await using scene = await stage.scene()
    const page = await scene.context.newPage()
    await page.goto(`${stage.site.origin}/elsewhere`)
    // An opaque origin: the browser refuses it all storage.
    await page.setContent(
      `<iframe sandbox="allow-scripts" srcdoc="<script src='${stage.site.origin}/app.js'></script>"></iframe>`,
    )
    const frame = page.frames().at(-1)
    await expect.poll(() => frame?.evaluate('typeof tokenflight')).toBe('object')
    const tried = await frame?.evaluate(`tokenflight.tryStorage(false)`)
    expect(tried).toMatch(/^store_failed: Could not open .*SecurityError.* no storage .*fallback: memoryStore\(\)/)
    expect(await frame?.evaluate(`tokenflight.tryStorage(true)`)).toBe('at-1')
    // With webKeys the key is in memory, too.
    expect(await frame?.evaluate(`tokenflight.tryStorage(true, true)`)).toBe('at-1')
  })

  test('a full storage fails before a token is spent, and nothing is lost', async () => {
    await using scene = await stage.scene()
    const tab = await scene.open()
    const response = await scene.server.signIn()
    await tab.signIn(response)
    // As browsers report it: the request succeeds, the transaction aborts. (This Chromium ignores DevTools' quota override.)
    await tab.page.evaluate(`
      put = IDBObjectStore.prototype.put
      IDBObjectStore.prototype.put = function (...all) {
        const request = put.apply(this, all)
        Object.defineProperty(this.transaction, 'error', { value: new DOMException('', 'QuotaExceededError') })
        this.transaction.abort()
        return request
      }`)
    expect(await tab.token(response.access_token)).toBe('store_failed')
    expect(scene.server.tokenRequests).toBe(0)
    await tab.page.evaluate('void (IDBObjectStore.prototype.put = put)')
    const token = await tab.token(response.access_token)
    expect(scene.server.issued).toContain(token)
    expect(scene.server.tokenRequests).toBe(1)
  })

  test('storage that is cleared means signed out, in every tab, and a new sign-in works', async () => {
    await using scene = await stage.scene()
    const [one, two] = [await scene.open(), await scene.open()]
    await one.signIn(await scene.server.signIn())
    await two.token()
    const session = await scene.context.newCDPSession(one.page)
    await session.send('Storage.clearDataForOrigin', { origin: stage.site.origin, storageTypes: 'indexeddb' })
    for (const tab of [one, two]) await expect.poll(() => tab.token()).toBe('no_credential')
    const response = await scene.server.signIn()
    await one.signIn(response)
    await expect.poll(() => two.token()).toBe(response.access_token)
  })

  test('object stores that were emptied by hand mean signed out, and a new sign-in works', async () => {
    await using scene = await stage.scene()
    const tab = await scene.open()
    await tab.signIn(await scene.server.signIn())
    await tab.page.evaluate(`new Promise((resolve) => {
      indexedDB.open('tokenflight').onsuccess = ({ target: { result } }) => {
        const transaction = result.transaction(['entries'], 'readwrite')
        for (const name of transaction.objectStoreNames) transaction.objectStore(name).clear()
        transaction.oncomplete = () => resolve(result.close())
      }
    })`)
    const response = await scene.server.signIn()
    await tab.signIn(response)
    expect(await (await scene.open()).token()).toBe(response.access_token)
  })

  test('a database of a newer release is left alone, and the error says to reload', async () => {
    await using scene = await stage.scene()
    const tab = await scene.open()
    await tab.token()
    const said = await tab.page.evaluate(`(async () => {
      await new Promise((resolve) => {
        indexedDB.open('tokenflight', 2).onsuccess = ({ target: { result } }) => resolve(result.close())
      })
      return await tokenflight.webStore().read('default').catch(({ code, message }) => code + ': ' + message)
    })()`)
    expect(said).toMatch(/^store_failed: .*VersionError.*Reload the page/)
  })

  test('a listener that throws silences nobody, one given twice leaves once, and a closed store is silent', async () => {
    await using scene = await stage.scene()
    const { page } = await scene.open()
    const heard = await page.evaluate(`(async () => {
      const store = tokenflight.webStore({ name: 'hints' })
      const heard = []
      const twice = () => heard.push('twice')
      const write = async (from) => {
        const { version } = await from.read('key')
        await from.compareAndSet('key', version, { revision: 1, generation: 0 })
      }
      store.watch('key', () => { throw new Error('mistake') })
      const leave = store.watch('key', twice)
      store.watch('key', twice)
      leave()
      leave()
      await write(store)
      const { postMessage } = BroadcastChannel.prototype
      BroadcastChannel.prototype.postMessage = function (...all) { heard.push('told'); postMessage.apply(this, all) }
      await store.close()
      await write(store)
      BroadcastChannel.prototype.postMessage = postMessage
      return heard.join()
    })()`)
    expect(heard).toBe('twice')
  })

  test('a connection that was lost without a word is opened again: reads go on, and a write fails once', async () => {
    await using scene = await stage.scene()
    const { page } = await scene.open()
    const said = await page.evaluate(`(async () => {
      const store = tokenflight.webStore({ name: 'lost' })
      const { version } = await store.read('key')
      const { transaction, close } = IDBDatabase.prototype
      const dead = new Set()
      let opened = 0
      const lose = () => {
        opened++
        IDBDatabase.prototype.transaction = function (...all) {
          const begun = transaction.apply(this, all)
          if (opened === 1) dead.add(this)
          opened = 0
          if (!dead.has(this)) return begun
          Object.defineProperty(begun, 'error', { value: new DOMException('', 'UnknownError') })
          queueMicrotask(() => begun.abort())
          return begun
        }
      }
      lose()
      const read = await store.read('key')
      lose()
      const record = { revision: 1, generation: 0 }
      const failed = await store.compareAndSet('key', version, record).catch(({ code }) => code)
      const { ok } = await store.compareAndSet('key', version, record)
      return [read.version === version, failed, ok].join()
    })()`)
    expect(said).toBe('true,store_failed,true')
  })

  test.each([
    ['has no Web Locks', `Object.defineProperty(navigator, 'locks', { value: undefined })`],
    ['has Web Locks that never answer', `LockManager.prototype.request = () => new Promise(() => {})`],
    ['has Web Locks that fail', `LockManager.prototype.request = () => Promise.reject(new Error('broken'))`],
    ['has no BroadcastChannel', `delete globalThis.BroadcastChannel`],
  ])('a browser that %s makes one refresh for two tabs all the same', async (_, stub) => {
    await using scene = await stage.scene()
    await scene.context.addInitScript(stub)
    const [one, two] = [await scene.open(), await scene.open()]
    const response = await scene.server.signIn()
    await one.signIn(response)
    expect(await two.token()).toBe(response.access_token)
    const held = scene.server.hold('before')
    const asked = [one.token(response.access_token), two.token(response.access_token)]
    await held.arrived
    held.release()
    expect(new Set(await Promise.all(asked)).size).toBe(1)
    expect(scene.server.tokenRequests).toBe(1)
  })

  test('storage that is cleared in the middle of a refresh does not bring the credential back', async () => {
    await using scene = await stage.scene()
    const [one, two] = [await scene.open(), await scene.open()]
    const response = await scene.server.signIn()
    await one.signIn(response)
    const held = scene.server.hold('after')
    const asking = one.token(response.access_token)
    await held.arrived
    const session = await scene.context.newCDPSession(one.page)
    await session.send('Storage.clearDataForOrigin', { origin: stage.site.origin, storageTypes: 'indexeddb' })
    held.release()
    expect(await asking).toBe('no_credential')
    expect(await two.token()).toBe('no_credential')
    expect(scene.server.tokenRequests).toBe(1)
  })

  test('R7 offline: nothing is spent and the token still serves; back online one request refreshes it', async () => {
    await using scene = await stage.scene()
    const manager = { retryFor: 0 }
    const [one, two] = [await scene.open({ manager }), await scene.open({ manager })]
    const response = await scene.server.signIn()
    await one.signIn(response)
    await scene.context.setOffline(true)
    const failed = await one.token(response.access_token)
    expect(['temporarily_unavailable', 'refresh_outcome_unknown']).toContain(failed)
    expect(scene.server.tokenRequests).toBe(0)
    expect(await two.token()).toBe(response.access_token)
    await scene.context.setOffline(false)
    await expect.poll(() => one.token(response.access_token), { timeout: 30_000 }).not.toBe(failed)
    expect(scene.server.issued).toContain(await one.token())
    expect(scene.server.replays).toBe(0)
  })

  test('R10 a clock that jumps ahead expires the token once, and one that goes back disturbs nobody', async () => {
    await using scene = await stage.scene()
    const tab = await scene.open()
    await tab.page.clock.install()
    const fresh = await tabOf(tab.page, { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url })
    const response = await scene.server.signIn()
    await fresh.signIn(response)
    await tab.page.clock.setSystemTime(Date.now() + 2 * 3600_000)
    const token = await fresh.token()
    expect(token).not.toBe(response.access_token)
    await tab.page.clock.setSystemTime(Date.now() - 2 * 3600_000)
    expect(await fresh.token()).toBe(token)
    expect(scene.server.tokenRequests).toBe(1)
  })
})
