import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { allAnswered, expire, press, type Stage, shows, tells } from './stage.ts'

const source = (name: string): string => fileURLToPath(new URL(`../src/${name}`, import.meta.url))

export function mounting({ example: { counts, vite }, gate, ...stage }: Stage): void {
  /** Hot-replaces a module, as saving its file does, and waits until the page runs the new one. */
  async function replace(page: Page, name: string): Promise<void> {
    const [module] = vite.environments.client.moduleGraph.getModulesByFile(source(name)) ?? []
    assert(module, `${name} is loaded`)
    const updated = page.waitForEvent('console', {
      predicate: (message) => message.text().includes('hot updated: /src/app.tsx'),
    })
    await vite.environments.client.reloadModule(module)
    await updated
  }

  describe('React in development', () => {
    test('StrictMode, which mounts everything twice, redeems the code of a sign-in once and is one tab', async () => {
      await using scene = await stage.scene()
      const [page] = await scene.signedIn(1)
      assert(page)
      await tells(page, 'signs in: generation 1')
      assert.equal(await page.getByRole('log').getByText('signs in: generation 1').count(), 1)
      assert.equal(await page.getByRole('region', { name: 'Open tabs' }).getByRole('listitem').count(), 1)
      await press(page, 'Fire 20 calls')
      await allAnswered(page)
    })

    for (const name of ['auth.ts', 'app.tsx']) {
      test(`a hot reload of ${name} in the middle of a refresh makes no second one`, async () => {
        await using scene = await stage.scene()
        const [page, other] = await scene.signedIn(2)
        assert(page && other)
        await page.evaluate('globalThis.mark = true')
        const { tokenRequests, refused } = counts
        const held = gate.hold('before')
        await expire(page)
        await press(page, 'Fire 20 calls')
        await held.arrived
        await replace(page, name)
        await press(page, 'Fire 20 calls')
        await press(other, 'Fire 20 calls')
        held.release()
        await Promise.all([allAnswered(page), allAnswered(other)])
        await shows(page, 'generation', '2')
        assert.equal(counts.tokenRequests - tokenRequests, 1)
        assert.equal(counts.refused - refused, 0)
        assert.equal(await page.evaluate('globalThis.mark'), true, 'the page was not loaded anew')
      })
    }
  })
}
