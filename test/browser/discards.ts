import { expect } from 'vitest'
import type { RawTabs } from './raw-tab.ts'

/** What the browser does to tabs when memory runs short, on demand: its own page chrome://discards. */
export interface Discards {
  /** Ends the tab, which stays in the tab strip with nothing in it. Nobody may have DevTools on it. */
  discard(): Promise<void>
  /** What a click on its place in the tab strip does. */
  load(): Promise<void>
}

/** For the tab whose address has `url` in it. */
export async function openDiscards(tabs: RawTabs, url: string): Promise<Discards> {
  // Such pages are locked away until somebody presses a button.
  const allow = await tabs.open('chrome://chrome-urls')
  const press = `[...document.querySelector('chrome-urls-app')?.shadowRoot?.querySelectorAll('cr-button') ?? []]
    .some((button) => button.innerText.includes('Enable') && (button.click(), true))`
  await expect.poll(() => allow.evaluate(press)).toBe(true)
  const page = await tabs.open('chrome://discards')
  const main = `document.querySelector('discards-main')?.shadowRoot?.querySelector('discards-tab')`
  const row = `[...${main}?.shadowRoot?.querySelectorAll('tbody tr') ?? []].find((row) => row.innerText.includes(${JSON.stringify(url)}))`
  const state = () => page.evaluate(`${row}?.innerText`)
  const click = (action: string) =>
    page.evaluate(
      `[...${row}.querySelectorAll('[is=action-link]')].find((link) => link.innerText.includes('${action}')).click()`,
    )
  return {
    async discard() {
      await expect.poll(state).toMatch(/Urgent Discard/)
      await click('Urgent Discard')
      await expect.poll(state, { timeout: 20_000 }).toMatch(/discarded \(urgent\)/)
    },
    async load() {
      await click('Load')
      await expect.poll(state, { timeout: 20_000 }).toMatch(/\bloaded\b/)
    },
  }
}
