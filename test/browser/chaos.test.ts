import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandom } from '../chaos/random.ts'
import { noBrowser } from './chromium.ts'
import { openStage, type Scene, type Stage, type Tab } from './scene.ts'

/** `TAB_CHAOS_SEED` and `TAB_CHAOS_ROUNDS` choose others. */
const seed = Number(process.env['TAB_CHAOS_SEED'] ?? 1)
const rounds = Number(process.env['TAB_CHAOS_ROUNDS'] ?? 8)

const grace = 600_000

describe.skipIf(noBrowser)(`S3 S9 tabs come and go, seed ${seed}`, () => {
  let stage: Stage
  let scene: Scene
  beforeAll(async () => {
    stage = await openStage()
    scene = await stage.scene({ grace, latencyBefore: 20, latencyAfter: 60 })
  })
  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]()
    await stage?.close()
  })

  test(
    `${rounds} rounds of tabs that are closed, crash, are reloaded or navigate away in the middle of a refresh: everyone left is served, and every second presentation has a death before it`,
    async () => {
      const random = createRandom(seed, 'tabs')
      const open = () => scene.open({ grace, manager: { coolDown: 0 } })
      const tabs = [await open(), await open(), await open()]
      await tabs[0]?.signIn(await scene.server.signIn())
      let deaths = 0

      for (let round = 1; round <= rounds; round++) {
        scene.server.expireAccessTokens()
        const before = scene.server.requests.length
        const victim = random.chance(0.8) ? tabs.splice(Math.floor(random.between(0, tabs.length)), 1)[0] : undefined
        // Its own answers go down with it.
        const lost = victim?.call(5).catch(() => {})
        // Half of the time the one that is lost was first, and holds the claim.
        if (victim !== undefined && random.chance(0.5))
          await scene.server.waitFor(() => scene.server.requests.length > before)
        const served = Promise.all(tabs.map((tab) => tab.call(5)))
        if (victim !== undefined) {
          deaths++
          // Somewhere between its first look at the store and its commit.
          if (random.chance(0.7)) await scene.server.waitFor(() => scene.server.requests.length > before)
          await leave(victim, random.between(0, 4))
        }
        expect((await served).flat(), `round ${round}`).toEqual(Array.from({ length: tabs.length * 5 }, () => '200'))
        await lost
        if (victim !== undefined) tabs.push(await open())
      }

      const presented = new Map<string | undefined, number>()
      for (const { refreshToken } of scene.server.requests)
        presented.set(refreshToken, (presented.get(refreshToken) ?? 0) + 1)
      const repeats = scene.server.requests.length - presented.size
      expect(repeats).toBeLessThanOrEqual(deaths)
      // One redemption per expiry, and one more for each that died with its answer.
      expect(presented.size).toBeLessThanOrEqual(rounds + deaths)
      expect(await Promise.all(tabs.map((tab) => tab.token()))).toEqual(tabs.map(() => [...scene.server.issued].at(-1)))
      console.log(
        `tab chaos, seed ${seed}: ${rounds} rounds, ${deaths} tabs lost, ${scene.server.requests.length} token requests, ${repeats} repeated`,
      )
    },
    60_000 + rounds * 10_000,
  )

  async function leave({ page }: Tab, way: number): Promise<void> {
    if (way < 1) await page.close()
    else if (way < 2) await page.goto('chrome://crash').catch(() => {})
    else if (way < 3) await page.reload()
    else await page.goto(`${stage.site.origin}/elsewhere`)
    await page.close()
  }
})
