import { setImmediate } from './node.ts'

// Two of Node's globals that core's tests use.

const handlers = new Map<unknown, (event: PromiseRejectionEvent) => void>()
Object.assign(globalThis, {
  setImmediate: (callback: (...all: unknown[]) => void, ...all: unknown[]) => void setImmediate(() => callback(...all)),
  process: {
    env: {},
    on(_: 'unhandledRejection', handler: (reason: unknown) => void) {
      const heard = ({ reason }: PromiseRejectionEvent) => handler(reason)
      handlers.set(handler, heard)
      addEventListener('unhandledrejection', heard)
    },
    off(_: 'unhandledRejection', handler: unknown) {
      const heard = handlers.get(handler)
      if (heard !== undefined) removeEventListener('unhandledrejection', heard)
    },
  },
})
