import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noBrowser } from './chromium.ts'
import { openDiscards } from './discards.ts'
import { openRawTabs } from './raw-tab.ts'
import { openStage, type Stage } from './scene.ts'

describe.skipIf(noBrowser)('S3 S9 a tab that the browser discards to save memory', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  test('in the middle of its refresh is proven dead, the others go on, and shown again it has their token', async () => {
    await using scene = await stage.scene({ grace: 60_000 })
    const raw = await openRawTabs(stage.browser, stage.site.origin, false)
    const at = `${stage.site.origin}/?discarded`
    const discards = await openDiscards(raw, at)
    const [holder, other] = [await raw.open(at), await raw.open()]
    const options = { tokenEndpoint: scene.server.tokenEndpoint, api: scene.api.url, grace: 60_000 }
    const start = `void (app = tokenflight.start(${JSON.stringify(options)}))`
    for (const tab of [holder, other]) await tab.evaluate(start)
    const response = await scene.server.signIn()
    await holder.evaluate(`app.signIn(${JSON.stringify(response)})`)
    const ask = `app.token(${JSON.stringify(response.access_token)})`
    const held = scene.server.hold('after')
    await holder.evaluate(`void ${ask}`)
    await held.arrived
    const waiting = other.evaluate(ask)
    await holder.detach()
    await discards.discard()
    await scene.server.waitFor(({ abandoned }) => abandoned === true)
    held.release()
    const token = await waiting
    expect(scene.server.issued).toContain(token)
    expect(token).not.toBe(response.access_token)
    expect(await other.evaluate('app.events')).toContainEqual(
      expect.objectContaining({ type: 'takeover', verdict: 'dead' }),
    )
    await discards.load()
    const again = await raw.find(at)
    await expect.poll(() => again.evaluate('typeof tokenflight')).toBe('object')
    expect(await again.evaluate('document.wasDiscarded')).toBe(true)
    await again.evaluate(start)
    expect(await again.evaluate('app.token()')).toBe(token)
    expect(scene.server.tokenRequests).toBe(2)
    await raw.close()
  })
})
