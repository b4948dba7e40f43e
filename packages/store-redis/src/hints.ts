import { sleep, type Timing } from '@tokenflight/core'
import type { Link, Subscriber } from './link.ts'

/** Who wants to know of which channel; one connection for all of them. Whatever is wrong with that, nobody waits for it. */
export interface Hints {
  add(channel: string, listener: () => void): () => void
  close(): void
}

/** How often the connection is asked whether it still is one: routers forget idle connections without a word. */
const pulse = 15_000
const pulseTimeout = 5_000
/** Channels that nobody listens to any more are left, and so is the connection, after this pause: somebody may be back at once. */
const lingering = 1_000
/** How long a client may try to get its connection (back) before another one is opened: of a cluster, to another node. */
const connectTimeout = 3_000
const firstPause = 100
const longestPause = 30_000
/** Channels in one command. */
const batch = 500

interface Connection {
  subscriber?: Subscriber
  ready: boolean
}

export function createHints(link: Link, timing: Timing): Hints {
  const listeners = new Map<string, Set<() => void>>()
  /** What the connection has subscribed to, or is about to. */
  const subscribed = new Set<string>()
  let current: Connection | undefined
  let failures = 0
  let pausing = false
  let closed = false
  let sweeping = false

  function open(): void {
    const mine: Connection = { ready: false }
    current = mine
    expectReady(mine)
    const isCurrent = (): boolean => current === mine
    const opening = link.openSubscriber({
      ready() {
        mine.ready = true
        if (isCurrent()) void subscribeAll(mine)
      },
      message: (channel) => tell(channel),
      lost() {
        if (mine.ready) expectReady(mine)
      },
      ended: () => abandon(mine),
    })
    opening.then(
      (subscriber) => {
        mine.subscriber = subscriber
        if (!isCurrent()) subscriber.close()
        else {
          void subscribeAll(mine)
          void watchOver(mine, subscriber)
        }
      },
      () => abandon(mine),
    )
  }

  function expectReady(mine: Connection): void {
    mine.ready = false
    const check = (): void => {
      if (!mine.ready) abandon(mine)
    }
    timing.after(connectTimeout, check, true)
  }

  /** Gives this connection up; another one follows while anybody listens. */
  function abandon(mine: Connection): void {
    if (current !== mine) return
    current = undefined
    subscribed.clear()
    mine.subscriber?.close()
    const pause = Math.min(longestPause, firstPause * 2 ** failures++) * (0.5 + timing.random() / 2)
    pausing = true
    timing.after(pause, reopen, true)
  }

  function reopen(): void {
    pausing = false
    if (!closed && listeners.size > 0) open()
  }

  /** After every connect: a server knows nothing of the connection before, and nobody knows what was said meanwhile. */
  async function subscribeAll(mine: Connection): Promise<void> {
    subscribed.clear()
    await subscribe(mine, [...listeners.keys()])
  }

  async function subscribe(mine: Connection, channels: readonly string[]): Promise<void> {
    const { subscriber, ready } = mine
    if (subscriber === undefined || !ready) return
    for (const channel of channels) subscribed.add(channel)
    try {
      for (let at = 0; at < channels.length; at += batch) {
        const some = channels.slice(at, at + batch)
        await subscriber.subscribe(some)
        // What happened before this moment was heard by nobody.
        for (const channel of some) tell(channel)
      }
      failures = 0
    } catch {
      // Not connected any more, and `ready` comes again; or it must not listen at all (ACL), and the pulse tries now and then.
      if (current === mine) for (const channel of channels) subscribed.delete(channel)
    }
  }

  async function watchOver(mine: Connection, subscriber: Subscriber): Promise<void> {
    for (;;) {
      await sleep(timing, pulse, true)
      if (current !== mine) return
      void subscribe(
        mine,
        [...listeners.keys()].filter((channel) => !subscribed.has(channel)),
      )
      if (subscriber.ping === undefined) continue
      const alive = await Promise.race([
        subscriber.ping().then(
          () => true,
          () => false,
        ),
        sleep(timing, pulseTimeout, true).then(() => false),
      ])
      if (!alive) return abandon(mine)
    }
  }

  function sweep(): void {
    sweeping = false
    if (listeners.size === 0) {
      shut()
      return
    }
    const left = [...subscribed].filter((channel) => !listeners.has(channel))
    for (const channel of left) subscribed.delete(channel)
    if (left.length > 0) current?.subscriber?.unsubscribe(left).catch(() => {})
  }

  function shut(): void {
    const subscriber = current?.subscriber
    current = undefined
    if (subscribed.size > 0) subscriber?.unsubscribe([...subscribed]).catch(() => {})
    subscribed.clear()
    subscriber?.close()
  }

  function tell(channel: string): void {
    for (const listener of [...(listeners.get(channel) ?? [])]) {
      try {
        listener()
      } catch {
        // One listener's mistake must not silence the others, and thrown from here it would end the process.
      }
    }
  }

  return {
    add(channel, given) {
      // A function of its own for each call: one listener given twice is two subscriptions.
      const listener = (): void => given()
      const set = listeners.get(channel) ?? new Set()
      listeners.set(channel, set.add(listener))
      if (current === undefined && !pausing && !closed) open()
      else if (current !== undefined && !subscribed.has(channel)) void subscribe(current, [channel])
      return () => {
        set.delete(listener)
        if (set.size === 0 && listeners.get(channel) === set) listeners.delete(channel)
        if (sweeping || listeners.has(channel)) return
        sweeping = true
        timing.after(lingering, sweep, true)
      }
    },
    close() {
      closed = true
      listeners.clear()
      shut()
    },
  }
}
