import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noBrowser, serve } from './chromium.ts'
import { openRawTabs } from './raw-tab.ts'
import { openStage, type Stage, type Tab, tabOf } from './scene.ts'

describe.skipIf(noBrowser)('S9 tabs of one origin', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  test.each([2, 10])(
    'S2 %i tabs with 20 callers each make one token request per expiry, three times over',
    async (count) => {
      await using scene = await stage.scene()
      const tabs: Tab[] = []
      // An API that refuses three tokens within seconds is what the cool-down is for; here the tokens do expire.
      for (let n = 0; n < count; n++) tabs.push(await scene.open({ manager: { coolDown: 0 } }))
      await tabs[0]?.signIn(await scene.server.signIn())
      for (const expiries of [1, 2, 3]) {
        scene.server.expireAccessTokens()
        const answers = await Promise.all(tabs.map((tab) => tab.call(20)))
        expect(answers.flat()).toEqual(Array.from({ length: count * 20 }, () => '200'))
        expect(scene.server.tokenRequests).toBe(expiries)
      }
      expect(scene.server.replays).toBe(0)
    },
  )

  test('a sign-in in one tab signs all of them in, and a sign-out all of them out', async () => {
    await using scene = await stage.scene()
    const [one, two] = [await scene.open(), await scene.open()]
    expect(await two.token()).toBe('no_credential')
    const response = await scene.server.signIn()
    await one.signIn(response)
    expect(await two.token()).toBe(response.access_token)
    await one.run((app) => app.signOut())
    await expect.poll(() => two.token()).toBe('no_credential')
  })

  test('a reload finds the credential as it was', async () => {
    await using scene = await stage.scene()
    const tab = await scene.open()
    const response = await scene.server.signIn()
    await tab.signIn(response)
    await tab.page.reload()
    const again = await tabOf(tab.page, { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url })
    expect(await again.token()).toBe(response.access_token)
  })

  describe('S3 the tab that refreshes goes away with its answer', () => {
    const ways: Record<string, (tab: Tab) => Promise<unknown>> = {
      'is closed': (tab) => tab.page.close(),
      crashes: (tab) => tab.page.goto('chrome://crash').catch(() => {}),
      'is reloaded': (tab) => tab.page.reload(),
      'navigates away': (tab) => tab.page.goto(`${stage.site.origin}/elsewhere`),
    }
    for (const [what, leave] of Object.entries(ways)) {
      test(`${what}: within a grace the others present the token once more and go on`, async () => {
        await using scene = await stage.scene({ grace: 60_000 })
        const [holder, other] = [await scene.open({ grace: 60_000 }), await scene.open({ grace: 60_000 })]
        const response = await scene.server.signIn()
        await holder.signIn(response)
        const held = scene.server.hold('after')
        scene.server.expireAccessTokens()
        await holder.page.evaluate(`void app.token(${JSON.stringify(response.access_token)})`)
        await held.arrived
        const waiting = other.token(response.access_token)
        await leave(holder)
        // The browser ends its request when it likes: until it has, the answer would be taken.
        await scene.server.waitFor(({ abandoned }) => abandoned === true)
        held.release()
        const token = await waiting
        expect(scene.server.issued).toContain(token)
        expect(token).not.toBe(response.access_token)
        expect(scene.server.tokenRequests).toBe(2)
        expect(await other.events()).toContainEqual(expect.objectContaining({ type: 'takeover', verdict: 'dead' }))
      })
    }

    test('is closed: without a grace the second presentation is recorded, and the end is one clear state for all', async () => {
      await using scene = await stage.scene()
      const [holder, second, third] = [await scene.open(), await scene.open(), await scene.open()]
      const response = await scene.server.signIn()
      await holder.signIn(response)
      const held = scene.server.hold('after')
      await holder.page.evaluate(`void app.token(${JSON.stringify(response.access_token)})`)
      await held.arrived
      const waiting = [second, third].map((tab) => tab.token(response.access_token))
      await holder.page.close()
      await scene.server.waitFor(({ abandoned }) => abandoned === true)
      held.release()
      expect(await Promise.all(waiting)).toEqual(['reauthorization_required', 'reauthorization_required'])
      expect(scene.server.tokenRequests).toBe(2)
    })

    test('is closed before its request has reached the server: the others lose nothing', async () => {
      await using scene = await stage.scene()
      // A server that takes the connection and reads nothing.
      let asked = (): void => {}
      const request = new Promise<void>((resolve) => {
        asked = resolve
      })
      const deaf = await serve({}, () => asked())
      const [holder, other] = [await scene.open({ tokenEndpoint: `${deaf.origin}/token` }), await scene.open()]
      const response = await scene.server.signIn()
      await holder.signIn(response)
      await holder.page.evaluate(`void app.token(${JSON.stringify(response.access_token)})`)
      await request
      const waiting = other.token(response.access_token)
      await holder.page.close()
      expect(scene.server.issued).toContain(await waiting)
      expect(scene.server.replays).toBe(0)
      expect(scene.server.tokenRequests).toBe(1)
      await deaf.close()
    })
  })

  test('S4 a frozen tab keeps its claim: the others wait, nothing is presented twice, and thawed it finishes', async () => {
    await using scene = await stage.scene()
    const raw = await openRawTabs(stage.browser, stage.site.origin)
    const [holder, other] = [await raw.open(), await raw.open()]
    const manager = { refreshTimeout: 1000, claimTtl: 1500, retryFor: 500 }
    const options = { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url, manager }
    for (const tab of [holder, other]) await tab.evaluate(`void (app = tokenflight.start(${JSON.stringify(options)}))`)
    const response = await scene.server.signIn()
    await holder.evaluate(`app.signIn(${JSON.stringify(response)})`)
    const ask = `app.token(${JSON.stringify(response.access_token)})`
    const held = scene.server.hold('after')
    await holder.evaluate(`void (own = ${ask})`)
    await held.arrived
    await holder.send('Page.setWebLifecycleState', { state: 'frozen' })
    held.release()
    expect(await other.evaluate(ask)).toBe('refresh_outcome_unknown')
    await holder.send('Page.setWebLifecycleState', { state: 'active' })
    const token = await holder.evaluate('own')
    expect(scene.server.issued).toContain(token)
    await expect.poll(() => other.evaluate(ask)).toBe(token)
    expect(scene.server.tokenRequests).toBe(1)
    await raw.close()
  })

  test('two managers of one tab, as double mounting and hot reloading make them, make one token request', async () => {
    await using scene = await stage.scene()
    const tab = await scene.open()
    const response = await scene.server.signIn()
    await tab.signIn(response)
    const options = { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url }
    const answers = await tab.page.evaluate(
      `(async () => {
        const twin = tokenflight.start(${JSON.stringify(options)})
        const both = [app, twin].flatMap((each) => [each.token(${JSON.stringify(response.access_token)}), each.token(${JSON.stringify(response.access_token)})])
        await Promise.resolve()
        const closing = twin.close()
        const answers = await Promise.all(both)
        await closing
        return answers
      })()`,
    )
    expect(new Set(answers as string[]).size).toBe(1)
    expect(scene.server.tokenRequests).toBe(1)
  })
})
