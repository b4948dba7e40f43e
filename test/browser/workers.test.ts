import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noBrowser } from './chromium.ts'
import { openStage, type Stage } from './scene.ts'

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

  test('a worker that is terminated in the middle of its refresh is proven dead, and the tab goes on', async () => {
    await using scene = await stage.scene({ grace: 60_000 })
    const tab = await scene.open({ grace: 60_000 })
    const worker = await openWorker(tab.page, `worker = new Worker('/app.js')`)
    await worker('start', { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url })
    const response = await scene.server.signIn()
    await tab.signIn(response)
    const held = scene.server.hold('after')
    void worker('token', response.access_token).catch(() => {})
    await held.arrived
    const waiting = tab.token(response.access_token)
    await tab.page.evaluate('worker.terminate()')
    held.release()
    expect(scene.server.issued).toContain(await waiting)
    expect(await tab.events()).toContainEqual(expect.objectContaining({ type: 'takeover', verdict: 'dead' }))
  })
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
