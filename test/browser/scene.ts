import type { AuthorizationServer, ResourceServer, SimulatorOptions } from '@tokenflight/testing'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { bundle, type Site, serve, startBrowser } from './chromium.ts'
import type { start, TabOptions } from './tab-page.ts'

type App = ReturnType<typeof start>

/** One browser and one site for a file; each test has a profile and servers of its own. */
export interface Stage {
  readonly browser: Browser
  readonly site: Site
  scene(policy?: SimulatorOptions): Promise<Scene>
  close(): Promise<void>
}

export interface Scene extends AsyncDisposable {
  readonly context: BrowserContext
  readonly server: AuthorizationServer
  readonly api: ResourceServer
  open(options?: Partial<TabOptions>): Promise<Tab>
}

/** A tab with the application in it. */
export interface Tab {
  readonly page: Page
  /** Runs in the tab, with the application as `app`. */
  run<T>(work: (app: App) => T | Promise<T>): Promise<T>
  token(rejected?: string): Promise<string>
  call(count: number): Promise<string[]>
  signIn(response: Parameters<App['signIn']>[0]): Promise<void>
  events(): Promise<App['events']>
}

export async function openStage(): Promise<Stage> {
  const script = await bundle(new URL('./tab-page.ts', import.meta.url), 'tokenflight')
  const site = await serve({
    '/': '<!doctype html><title>app</title><script src="/app.js"></script>',
    '/elsewhere': '<!doctype html><title>elsewhere</title>',
    '/app.js': script,
  })
  const browser = await startBrowser()
  return {
    browser,
    site,
    async scene(policy) {
      const server = await startAuthorizationServer(policy)
      const api = await startResourceServer({ authorizationServer: server })
      const context = await browser.newContext()
      return {
        context,
        server,
        api,
        async open(options = {}) {
          const page = await context.newPage()
          await page.goto(site.origin)
          return await tabOf(page, { tokenEndpoint: server.tokenEndpoint, api: api.url, ...options })
        },
        async [Symbol.asyncDispose]() {
          await context.close()
          await api.close()
          await server.close()
        },
      }
    },
    async close() {
      await browser.close()
      await site.close()
    },
  }
}

export async function tabOf(page: Page, options: TabOptions): Promise<Tab> {
  await page.evaluate(
    (given) => Object.assign(globalThis, { app: Reflect.get(globalThis, 'tokenflight').start(given) }),
    options,
  )
  const run = <T>(work: (app: App) => T | Promise<T>): Promise<T> => page.evaluate(`(${work})(app)`)
  const call = (method: string, ...rest: unknown[]) =>
    page.evaluate(`app.${method}(${rest.map((each) => JSON.stringify(each)).join()})`)
  return {
    page,
    run,
    token: async (rejected) => String(await call('token', ...(rejected === undefined ? [] : [rejected]))),
    call: (count) => page.evaluate(`app.call(${count})`),
    signIn: async (response) => void (await call('signIn', response)),
    events: () => run((app) => app.events),
  }
}
