import type { Timing } from '@tokenflight/core'
import { quote } from './identifier.ts'

/** A `Client` of pg that is not connected yet. */
export interface PgListener {
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
  on(event: 'notification', listener: (message: { channel: string; payload?: string | undefined }) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
  end(): Promise<unknown>
  /** So that listening keeps no process alive. */
  unref?(): void
}

const firstPause = 250
const longestPause = 30_000
/** A connection that died without a word is noticed within the sum of these. */
const heartbeat = 60_000
const heartbeatTimeout = 10_000

/**
 * Listens on a connection of its own until it is stopped, and connects again for as long as that takes.
 *
 * @param onListen It listens, for the first time or again.
 */
export function listenWithPg(
  open: () => PgListener,
  channel: string,
  timing: Timing,
  onNotify: (payload: string) => void,
  onListen: () => void,
): () => Promise<void> {
  let failures = 0
  let stopped = false
  /** Leaves the connection that there is, or the pause before the next one. */
  let leave = (): Promise<void> => Promise.resolve()

  function connect(): void {
    let client: PgListener | undefined
    let left = false
    let cancel = (): void => {}
    // One timer at a time: for the connection to be made, until the next heartbeat, for its answer.
    const within = (ms: number, callback: () => void): void => {
      cancel()
      cancel = timing.after(ms, callback, true)
    }
    leave = () => {
      left = true
      cancel()
      return client === undefined ? Promise.resolve() : end(client)
    }

    function lost(): void {
      if (left) return
      void leave()
      const step = Math.min(longestPause, firstPause * 2 ** Math.min(failures++, 16))
      const wait = timing.after(step * (0.5 + timing.random() / 2), connect, true)
      leave = async () => wait()
    }

    function beat(listening: PgListener): void {
      if (left) return
      within(heartbeat, () => {
        within(heartbeatTimeout, lost)
        listening.query('SELECT 1').then(() => beat(listening), lost)
      })
    }

    async function listen(): Promise<void> {
      const opened = open()
      client = opened
      opened.on('error', lost)
      opened.on('end', lost)
      opened.on('notification', (message) => {
        if (!left && message.channel === channel) onNotify(message.payload ?? '')
      })
      opened.unref?.()
      within(heartbeatTimeout, lost)
      await opened.connect()
      // Where the connection is secured the socket is another one by now.
      opened.unref?.()
      await opened.query(`LISTEN ${quote(channel)}`)
      if (left) return
      failures = 0
      beat(opened)
      onListen()
    }
    listen().catch(lost)
  }

  connect()
  return async () => {
    if (stopped) return
    stopped = true
    // A peer that is gone never confirms the end; nobody waits for that.
    let cancel = (): void => {}
    const enough = new Promise<void>((resolve) => {
      cancel = timing.after(1000, resolve)
    })
    await Promise.race([leave(), enough])
    cancel()
  }
}

async function end(client: PgListener): Promise<void> {
  try {
    await client.end()
  } catch {
    // It is gone, which is what was wanted.
  }
}
