import type { TokenEvent } from './events.ts'

/** One listener for `onEvent` that tells each of `listeners`. What one of them throws, or rejects with, keeps nothing from the others. */
export function tellEach(...listeners: ((event: TokenEvent) => unknown)[]): (event: TokenEvent) => void {
  return (event) => {
    for (const listener of listeners) {
      try {
        const result = listener(event)
        // Whatever kind of promise it is.
        if (result !== undefined) Promise.resolve(result).catch(() => {})
      } catch {
        // Its own trouble, as everywhere where events are told.
      }
    }
  }
}
