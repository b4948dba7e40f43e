// What core's unit tests import from Node, for a page: all of `node:*` is this file.
import * as oauth4webapi from 'oauth4webapi'

/** What a console could show of a value at any depth: enumerable properties, of errors all, symbols too. `showHidden`: the others too. */
export function inspect(value: unknown, { showHidden = false } = {}): string {
  const shown: string[] = []
  const waiting = new Set([value])
  for (const each of waiting) {
    if ((typeof each !== 'object' && typeof each !== 'function') || each === null) {
      shown.push(String(each))
      continue
    }
    if (each instanceof Map || each instanceof Set) for (const entry of [...each].flat()) waiting.add(entry)
    for (const name of Reflect.ownKeys(each)) {
      const { enumerable, value } = Reflect.getOwnPropertyDescriptor(each, name) ?? {}
      if (!enumerable && !showHidden && !(each instanceof Error)) continue
      shown.push(String(name))
      waiting.add(value)
    }
  }
  return shown.join('\n')
}

/** A turn of the event loop. */
export function turn(callback?: (value?: undefined) => void): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      callback?.()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
export { turn as setImmediate }

const listeners = new WeakMap<EventTarget, Map<string, Set<unknown>>>()
const of = (target: EventTarget, type: string): Set<unknown> => {
  const types = listeners.get(target) ?? new Map<string, Set<unknown>>()
  listeners.set(target, types)
  const found = types.get(type) ?? new Set()
  types.set(type, found)
  return found
}
const { addEventListener, removeEventListener } = EventTarget.prototype
AbortSignal.prototype.addEventListener = function (type: string, listener: EventListener, options?: object) {
  of(this, type).add(listener)
  addEventListener.call(this, type, listener, options)
}
AbortSignal.prototype.removeEventListener = function (type: string, listener: EventListener, options?: object) {
  of(this, type).delete(listener)
  removeEventListener.call(this, type, listener, options)
}
export const getEventListeners = (target: EventTarget, type: string): unknown[] => [...of(target, type)]

/** Of the packages that the tests compare with. */
export const createRequire = () => (name: string) => {
  if (name === 'oauth4webapi') return oauth4webapi
  throw new Error(`${name} is not here`)
}

/** The servers of the testing package are there and cannot be started. */
export function createServer(): never {
  throw new Error('a page cannot listen')
}
