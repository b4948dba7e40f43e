import type { Browser } from 'playwright-core'

/**
 * A tab that Playwright does not know of: Playwright keeps the pages it drives in focus, and a page in focus never freezes. Speaks the
 * DevTools protocol through the browser's own session.
 */
export interface RawTab {
  send(method: string, parameters?: object): Promise<unknown>
  /** What the expression comes to, awaited. */
  evaluate(expression: string): Promise<unknown>
}

/** One profile with any number of such tabs, all at `url`. */
export async function openRawTabs(
  browser: Browser,
  url: string,
): Promise<{ open(): Promise<RawTab>; close(): Promise<void> }> {
  const session = await browser.newBrowserCDPSession()
  const { browserContextId } = await session.send('Target.createBrowserContext')
  return {
    async open() {
      const { targetId } = await session.send('Target.createTarget', { url: 'about:blank', browserContextId })
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
      await send('Page.navigate', { url })
      await loaded.promise
      return {
        send,
        async evaluate(expression) {
          const { result } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
          if (result?.exceptionDetails !== undefined) throw new Error(JSON.stringify(result.exceptionDetails))
          return result?.result?.value
        },
      }
    },
    async close() {
      await session.send('Target.disposeBrowserContext', { browserContextId })
      await session.detach()
    },
  }
}

interface Message {
  id?: number
  method?: string
  result?: { result?: { value?: unknown }; exceptionDetails?: unknown }
}
