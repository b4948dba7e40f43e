import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { allAnswered, expire, press, type Stage, shows, tells } from './stage.ts'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

export function access({ gate, ...stage }: Stage): void {
  describe('by keyboard alone', () => {
    test('sign in, fire, expire, fire again, read the timeline, sign out', async () => {
      await using scene = await stage.scene()
      const page = await scene.open()
      await tabTo(page, 'Sign in')
      await page.keyboard.press('Enter')
      // The authorization server's page has its one button focused.
      await page.getByRole('button', { name: 'Continue as Amelia' }).waitFor()
      await page.keyboard.press('Enter')
      await shows(page, 'generation', '1')
      await tabTo(page, 'Fire 20 calls')
      await page.keyboard.press('Enter')
      await allAnswered(page)
      await tabTo(page, 'Expire the token now')
      await Promise.all([page.waitForResponse(/demo\/expire/), page.keyboard.press('Space')])
      await tabTo(page, 'Fire 20 calls', 'Shift+Tab')
      await page.keyboard.press('Space')
      await shows(page, 'generation', '2')
      await tabTo(page, 'Timeline of all tabs')
      await tabTo(page, 'Sign out', 'Shift+Tab')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Sign in' }).waitFor()
      assert.equal(await focused(page), 'Sign in', 'the focus stays on the button')
    })

    test('another tab opens from the keyboard', async () => {
      await using scene = await stage.scene()
      const page = await scene.open()
      await tabTo(page, 'Open another tab')
      const [other] = await Promise.all([scene.context.waitForEvent('page'), page.keyboard.press('Enter')])
      await other.getByText('Tab 2', { exact: true }).first().waitFor()
    })
  })

  describe('with a screen reader', () => {
    test('there are landmarks, one heading of the first level, and live regions for calls and timeline', async () => {
      await using scene = await stage.scene()
      const [page] = await scene.signedIn(1)
      assert(page)
      for (const role of ['banner', 'main', 'contentinfo'] as const) assert.equal(await page.getByRole(role).count(), 1)
      assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1)
      for (const name of ['State', 'Open tabs', 'Last calls of this tab', 'Timeline of all tabs'])
        assert.equal(await page.getByRole('region', { name, exact: true }).count(), 1, name)
      assert.equal(await page.getByRole('log', { name: 'Timeline of all tabs' }).count(), 1)
      assert.equal(await page.getByRole('status').count(), 1)
    })

    for (const colorScheme of ['light', 'dark'] as const) {
      test(`axe finds nothing, ${colorScheme}: signed out, at the sign-in, idle, refreshing, and where the sign-in has ended`, async () => {
        await using scene = await stage.scene({ colorScheme })
        const out = await scene.open()
        assert.deepEqual(await violations(out), [])
        await press(out, 'Sign in')
        await out.getByRole('button', { name: 'Continue as Amelia' }).waitFor()
        assert.deepEqual(await violations(out), [])
        await press(out, 'Continue as Amelia')
        await shows(out, 'generation', '1')
        const other = await scene.open()
        await press(out, 'Fire 20 calls')
        await allAnswered(out)
        assert.deepEqual(await violations(out), [])
        const held = gate.hold('after')
        await expire(out)
        await press(out, 'Fire 20 calls')
        await held.arrived
        await press(other, 'Fire 20 calls')
        await tells(other, 'waits for tab 1')
        assert.deepEqual(await violations(out), [])
        assert.deepEqual(await violations(other), [])
        await out.close()
        held.release()
        await other.getByRole('button', { name: 'Sign in again' }).waitFor()
        await tells(other, '20 calls: reauthorization_required')
        assert.deepEqual(await violations(other), [])
      })
    }
  })

  test('nothing scrolls sideways on a phone, not at 320 px either', async () => {
    await using scene = await stage.scene({ viewport: { width: 360, height: 740 } })
    const page = await scene.open()
    const width = () => page.evaluate(() => document.documentElement.scrollWidth)
    assert.equal(await width(), 360)
    await press(page, 'Sign in')
    await press(page, 'Continue as Amelia')
    await shows(page, 'generation', '1')
    await press(page, 'Fire 20 calls')
    await tells(page, '20 calls: 200')
    assert.equal(await width(), 360)
    await page.setViewportSize({ width: 320, height: 640 })
    assert.equal(await width(), 320)
  })
}

/** Presses the key until that is focused, and visibly so. */
async function tabTo(page: Page, name: string, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 10; presses++) {
    await page.keyboard.press(key)
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)
    if ((await focused(page)) === 'none') continue
    assert.notEqual(outline, 'none', 'the focus can be seen')
    if ((await focused(page)) === name) return
  }
  assert.fail(`${name} cannot be reached by ${key}`)
}

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement } = document
    if (activeElement === null || activeElement === document.body) return 'none'
    const label = activeElement.getAttribute('aria-labelledby')
    return (label === null ? activeElement : document.getElementById(label))?.textContent?.trim() ?? ''
  })

/** What axe has against the page, in words. */
async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axe })
  return await page.evaluate(async () => {
    const { violations }: Results = await Reflect.get(globalThis, 'axe').run()
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    )
  })
}

interface Results {
  violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[]
}
