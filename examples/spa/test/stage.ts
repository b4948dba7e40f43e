import assert from 'node:assert/strict'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { type Example, startExample } from '../server/example.ts'
import { createGate, type Gate } from './gate.ts'

/** The example as users start it, except that token requests wait where a test says so; and a browser. */
export interface Stage {
  readonly example: Example
  readonly gate: Gate
  /** A profile of its own. */
  scene(options?: BrowserContextOptions): Promise<Scene>
  close(): Promise<void>
}

export interface Scene extends AsyncDisposable {
  readonly context: BrowserContext
  /** One more tab. */
  open(): Promise<Page>
  /** The first tab, signed in by the buttons; then the others. */
  signedIn(tabs: number): Promise<Page[]>
}

export async function openStage(): Promise<Stage> {
  const gate = createGate()
  const browser = await startBrowser()
  const example = await startExample(0, gate).catch(async (error: unknown) => {
    await browser.close()
    throw error
  })
  return {
    example,
    gate,
    scene: (options = {}) => openScene(browser, example, options),
    async close() {
      await browser.close()
      await example.close()
    },
  }
}

async function startBrowser(): Promise<Browser> {
  // Quiet and alone: nothing of the browser's own goes to the network.
  const args = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  return await chromium.launch({ executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args })
}

async function openScene(browser: Browser, example: Example, options: BrowserContextOptions): Promise<Scene> {
  const context = await browser.newContext(options)
  // Ten tabs on a busy machine take their time; this only ends what would never come.
  context.setDefaultTimeout(120_000)
  const errors: string[] = []
  context.on('weberror', (error) => errors.push(String(error.error())))
  context.on('console', (message) => {
    // Browsers write down every answer that says no; whatever else is an error is one.
    if (message.type() === 'error' && !/status of 40[01]/.test(message.text())) errors.push(message.text())
  })
  const open = async () => {
    const page = await context.newPage()
    await page.goto(example.url)
    await page
      .getByRole('button', { name: /^Sign|^Fire/ })
      .first()
      .waitFor()
    return page
  }
  return {
    context,
    open,
    async signedIn(tabs) {
      const first = await open()
      await press(first, 'Sign in')
      await press(first, 'Continue as Amelia')
      await shows(first, 'generation', '1')
      const pages = [first]
      while (pages.length < tabs) pages.push(await open())
      await Promise.all(pages.map((page) => page.getByRole('button', { name: 'Fire 20 calls' }).waitFor()))
      return pages
    },
    async [Symbol.asyncDispose]() {
      await context.close()
      assert.deepEqual(errors, [], 'no tab has reported an error')
    },
  }
}

export async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).click()
}

/** The API refuses the access token from now on. */
export async function expire(page: Page): Promise<void> {
  await Promise.all([page.waitForResponse(/demo\/expire/), press(page, 'Expire the token now')])
}

/** Waits until a part of the page says so. */
export async function shows(page: Page, part: string, text: string): Promise<void> {
  await page
    .getByTestId(part)
    .and(page.getByText(text, { exact: true }))
    .waitFor()
}

/** Both rows of the last calls are there, and all is well. */
export async function allAnswered(page: Page): Promise<void> {
  await page.getByRole('status').getByText('10 of 10 answered 200').nth(1).waitFor()
  assert.equal(
    await page
      .getByRole('status')
      .getByText(/waiting|others/)
      .count(),
    0,
  )
}

export async function tells(page: Page, sentence: string): Promise<void> {
  await page.getByRole('log').getByText(sentence, { exact: true }).first().waitFor()
}
