import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noBrowser } from './chromium.ts'
import { openStage, type Stage, type Tab } from './scene.ts'

// How a tab gets at each kind of worker; all of them answer on a port.
const kinds: Record<string, string> = {
  'a dedicated worker': `new Worker('/app.js')`,
  'a shared worker': `new SharedWorker('/app.js').port`,
  'a service worker': `navigator.serviceWorker.register('/app.js').then(() => navigator.serviceWorker.ready).then(({ active }) => active)`,
}

describe.skipIf(noBrowser)('S9 workers of one origin', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  for (const [kind, create] of Object.entries(kinds)) {
    test(`${kind} and a tab share one refresh, a sign-in and a sign-out`, async () => {
      await using scene = await stage.scene()
      const tab = await scene.open()
      const worker = await openWorker(tab.page, create)
      await worker('start', { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url })

      await tab.signIn(await scene.server.signIn())
      scene.server.expireAccessTokens()
      const [here, there] = await Promise.all([tab.call(20), worker('call', 20)])
      expect([...here, ...(there as string[])]).toEqual(Array.from({ length: 40 }, () => '200'))
      expect(scene.server.tokenRequests).toBe(1)

      await worker('signOut')
      await expect.poll(() => tab.token()).toBe('no_credential')
      const response = await scene.server.signIn()
      await worker('signIn', response)
      await expect.poll(() => tab.token()).toBe(response.access_token)
    })
  }

  // Who refreshes, and how it ends in the middle of that.
  const ends: Record<string, [kind: string, end: (tab: Tab) => Promise<unknown>]> = {
    'a dedicated worker that is terminated': [
      'a dedicated worker',
      ({ page }) => page.evaluate('target.then((worker) => worker.terminate())'),
    ],
    'a shared worker whose last tab is closed': ['a shared worker', ({ page }) => page.close()],
    'a service worker that the browser stops': [
      'a service worker',
      async ({ page }) => {
        const session = await page.context().newCDPSession(page)
        await session.send('ServiceWorker.enable')
        await session.send('ServiceWorker.stopAllWorkers')
      },
    ],
  }
  for (const [what, [kind, end]] of Object.entries(ends)) {
    test(`S3 ${what} in the middle of its refresh is proven dead, and the tabs go on`, async () => {
      await using scene = await stage.scene({ grace: 60_000 })
      const [owner, other] = [await scene.open({ grace: 60_000 }), await scene.open({ grace: 60_000 })]
      const worker = await openWorker(owner.page, kinds[kind] ?? '')
      await worker('start', { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url, grace: 60_000 })
      const response = await scene.server.signIn()
      await other.signIn(response)
      const held = scene.server.hold('after')
      void worker('token', response.access_token).catch(() => {})
      await held.arrived
      const waiting = other.token(response.access_token)
      await end(owner)
      // The browser ends it when it likes: until it has, it would take the answer.
      const takeover = expect.objectContaining({ type: 'takeover', verdict: 'dead' })
      await expect.poll(() => other.events()).toContainEqual(takeover)
      held.release()
      const token = await waiting
      expect(scene.server.issued).toContain(token)
      expect(token).not.toBe(response.access_token)
      expect(scene.server.tokenRequests).toBe(2)
    })
  }
})

async function openWorker(page: Page, create: string): Promise<(...message: unknown[]) => Promise<unknown>> {
  await page.evaluate(`void (target = Promise.resolve(${create}))`)
  return (...message) =>
    page.evaluate(`target.then((it) => new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = ({ data }) => resolve(data)
      it.postMessage(${JSON.stringify(message)}, [port2])
    }))`)
}
