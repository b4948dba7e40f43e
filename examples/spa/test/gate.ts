import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Moments } from '../server/authorization-server.ts'

export interface Held {
  /** The token request is there. */
  readonly arrived: Promise<void>
  /** The tab that sent it is gone, and the server has noticed. */
  readonly abandoned: Promise<unknown>
  release(): void
}

/** Stops the next token request at a moment of the test's choice; all others pass. */
export interface Gate extends Moments {
  hold(moment: 'before' | 'after'): Held
}

export function createGate(): Gate {
  let next:
    | { moment: 'before' | 'after'; arrive: () => void; abandon: (what: Promise<unknown>) => void; go: Promise<void> }
    | undefined

  async function pass(moment: 'before' | 'after', request: IncomingMessage): Promise<void> {
    const held = next
    if (held?.moment !== moment) return
    next = undefined
    held.abandon(once(request.socket, 'close'))
    held.arrive()
    await held.go
  }

  return {
    before: (request) => pass('before', request),
    after: (request) => pass('after', request),
    hold(moment) {
      const [arrived, abandoned, go] = [
        Promise.withResolvers<void>(),
        Promise.withResolvers<unknown>(),
        Promise.withResolvers<void>(),
      ]
      next = { moment, arrive: arrived.resolve, abandon: abandoned.resolve, go: go.promise }
      const late = () => arrived.reject(new Error('No token request has come.'))
      AbortSignal.timeout(60_000).addEventListener('abort', late)
      return { arrived: arrived.promise, abandoned: abandoned.promise, release: go.resolve }
    },
  }
}
