import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noBrowser } from './chromium.ts'
import { openRawTabs } from './raw-tab.ts'
import { openStage, type Stage } from './scene.ts'

/** Which page is there with all its scripts: the title comes first. */
const loadedPage = `document.readyState === 'complete' && document.title`

describe.skipIf(noBrowser)('S9 the back-forward cache', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  test('a page that comes back from the back-forward cache has what it missed', async () => {
    await using scene = await stage.scene()
    const raw = await openRawTabs(stage.browser, stage.site.origin)
    const [one, two] = [await raw.open(), await raw.open()]
    const options = { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url }
    for (const tab of [one, two]) await tab.evaluate(`void (app = tokenflight.start(${JSON.stringify(options)}))`)
    const response = await scene.server.signIn()
    await one.evaluate(`app.signIn(${JSON.stringify(response)})`)
    await one.evaluate('void addEventListener("pageshow", ({ persisted }) => { cached = persisted })')
    await one.evaluate(`void (location.href = '/elsewhere')`)
    await expect.poll(() => one.evaluate(loadedPage)).toBe('elsewhere')
    await two.evaluate('app.signOut()')
    await one.evaluate('history.back()')
    await expect.poll(() => one.evaluate(loadedPage)).toBe('app')
    // Put aside and taken up, not loaded anew.
    expect(await one.evaluate('cached')).toBe(true)
    await expect.poll(() => one.evaluate('app.token()')).toBe('no_credential')
    await raw.close()
  })

  test('S3 a page that is left in the middle of its refresh is not put aside but ended; the others go on, and back it has their token', async () => {
    await using scene = await stage.scene({ grace: 60_000 })
    const raw = await openRawTabs(stage.browser, stage.site.origin)
    const [one, two] = [await raw.open(), await raw.open()]
    const options = { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url, grace: 60_000 }
    const start = `void (app = tokenflight.start(${JSON.stringify(options)}))`
    for (const tab of [one, two]) await tab.evaluate(start)
    const response = await scene.server.signIn()
    await one.evaluate(`app.signIn(${JSON.stringify(response)})`)
    const ask = `app.token(${JSON.stringify(response.access_token)})`
    const held = scene.server.hold('after')
    await one.evaluate(`void ${ask}`)
    await held.arrived
    const waiting = two.evaluate(ask)
    await one.evaluate(`void (location.href = '/elsewhere')`)
    await expect.poll(() => one.evaluate(loadedPage)).toBe('elsewhere')
    await scene.server.waitFor(({ abandoned }) => abandoned === true)
    held.release()
    const token = await waiting
    expect(scene.server.issued).toContain(token)
    expect(await two.evaluate('app.events')).toContainEqual(
      expect.objectContaining({ type: 'takeover', verdict: 'dead' }),
    )
    await one.evaluate('history.back()')
    await expect.poll(() => one.evaluate(loadedPage)).toBe('app')
    // Loaded anew: a page that holds a Web Lock is not cached.
    expect(await one.evaluate('typeof app')).toBe('undefined')
    await one.evaluate(start)
    expect(await one.evaluate('app.token()')).toBe(token)
    expect(scene.server.tokenRequests).toBe(2)
    await raw.close()
  })
})
