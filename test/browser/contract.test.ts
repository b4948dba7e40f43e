import { memoryStore } from '@tokenflight/core'
import { storeContract } from '@tokenflight/testing'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle, noBrowser, type Site, serve, startBrowser } from './chromium.ts'

// In a tab and in a worker of real Chromium.
const names = storeContract({ create: () => ({ store: memoryStore() }) }).map(({ name }) => name)

describe.skipIf(noBrowser)('S1 S9 webStore in Chromium', () => {
  let browser: Browser
  let site: Site
  let page: Page

  beforeAll(async () => {
    const script = await bundle(new URL('./contract-page.ts', import.meta.url))
    const worker = `${script}; onmessage = ({ data: [id, store, name] }) => app.run(store, name).then(() => postMessage([id]), (error) => postMessage([id, String(error)]))`
    site = await serve({
      '/': '<!doctype html><script src="/contract.js"></script>',
      '/contract.js': script,
      '/worker.js': worker,
    })
    browser = await startBrowser()
    page = await browser.newPage()
    await page.goto(site.origin)
    await page.evaluate(`
      const worker = new Worker('/worker.js')
      const waiting = new Map()
      worker.onmessage = ({ data: [id, error] }) => error === undefined ? waiting.get(id).resolve() : waiting.get(id).reject(new Error(error))
      let asked = 0
      window.inWorker = (store, name) => new Promise((resolve, reject) => {
        waiting.set(++asked, { resolve, reject })
        worker.postMessage([asked, store, name])
      })`)
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  test('the page runs every case of the contract', async () => {
    expect(await page.evaluate('app.names')).toEqual({ webStore: names, 'encryptedStore over webStore': names })
  })

  for (const store of ['webStore', 'encryptedStore over webStore']) {
    describe(`${store}, in a tab`, () => {
      for (const name of names)
        test(name, () => page.evaluate(`app.run(${JSON.stringify(store)}, ${JSON.stringify(name)})`))
    })
  }
  describe('webStore, in a worker', () => {
    for (const name of names) test(name, () => page.evaluate(`inWorker('webStore', ${JSON.stringify(name)})`))
  })
})
