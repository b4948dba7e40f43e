import type { Browser } from 'playwright-core'

/**
 * A tab that Playwright does not know of: Playwright keeps the pages it drives in focus, and a page in focus never freezes. Speaks the
 * DevTools protocol through the browser's own session.
 */
export interface RawTab {
  send(method: string, parameters?: object): Promise<unknown>
  /** What the expression comes to, awaited. */
  evaluate(expression: string): Promise<unknown>
  /** Leaves the tab alone, as it is with users: no DevTools. */
  detach(): Promise<void>
}

/** One profile with any number of such tabs, all at `url` unless told otherwise. */
export interface RawTabs {
  open(at?: string): Promise<RawTab>
  /** The tab that is there already, at `url` to the letter. */
  find(url: string): Promise<RawTab>
  close(): Promise<void>
}

/** @param own False: in the profile that the browser came with, which alone has pages of the browser's own. */
export async function openRawTabs(browser: Browser, url: string, own = true): Promise<RawTabs> {
  const session = await browser.newBrowserCDPSession()
  const context = own ? await session.send('Target.createBrowserContext') : undefined

  async function attach(targetId: string): Promise<RawTab & { loaded: Promise<void> }> {
    const { sessionId } = await session.send('Target.attachToTarget', { targetId })
    const waiting = new Map<number, (message: Message) => void>()
    const loaded = Promise.withResolvers<void>()
    session.on('Target.receivedMessageFromTarget', (event) => {
      if (event.sessionId !== sessionId) return
      const message: Message = JSON.parse(event.message)
      if (message.method === 'Page.loadEventFired') loaded.resolve()
      if (message.id !== undefined) waiting.get(message.id)?.(message)
    })
    let asked = 0
    const send = (method: string, params: object = {}): Promise<Message> =>
      new Promise((resolve) => {
        const id = ++asked
        waiting.set(id, resolve)
        void session.send('Target.sendMessageToTarget', {
          sessionId,
          message: JSON.stringify({ id, method, params }),
        })
      })
    await send('Page.enable')
    return {
      send,
      loaded: loaded.promise,
      async evaluate(expression) {
        const { result } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
        if (result?.exceptionDetails !== undefined) throw new Error(JSON.stringify(result.exceptionDetails))
        return result?.result?.value
      },
      async detach() {
        await session.send('Target.detachFromTarget', { sessionId })
      },
    }
  }

  return {
    async open(at = url) {
      const { targetId } = await session.send('Target.createTarget', { url: 'about:blank', ...context })
      const tab = await attach(targetId)
      await tab.send('Page.navigate', { url: at })
      await tab.loaded
      return tab
    },
    async find(url) {
      const { targetInfos } = await session.send('Target.getTargets')
      const found = targetInfos.find((target) => target.url === url)
      if (found === undefined) throw new Error(`no tab is at ${url}`)
      return await attach(found.targetId)
    },
    async close() {
      if (context !== undefined) await session.send('Target.disposeBrowserContext', context)
      await session.detach()
    },
  }
}

interface Message {
  id?: number
  method?: string
  result?: { result?: { value?: unknown }; exceptionDetails?: unknown }
}
