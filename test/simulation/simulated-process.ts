import type { Holder, Timing } from '@tokenflight/core'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

interface Arrival {
  kind: 'timer' | 'io'
  due: number
  run: () => void
}

/** A message on its way out: stopping the process may keep it from leaving. */
interface Outgoing {
  held: boolean
  dropped: boolean
}

/**
 * One of the many processes in this one. Everything that reaches it (timers, answers, hints) passes through here, so that it can be
 * ended, and no continuation of it ever runs again, or stopped for a while, and all of them run late.
 */
export class SimulatedProcess {
  readonly pid: number
  readonly holder: Holder
  readonly timing: Timing
  state: 'running' | 'stopped' | 'dead' = 'running'
  /** It is dead, and had no time to clean up. */
  killed = false
  /** It reaches nothing over the network until then, in simulated milliseconds. */
  cutUntil = 0
  /** How far its wall clock is off. */
  offset: number
  /** The latest that its wall clock has ever shown. */
  latest = 0
  /** Timers set and not yet fired or cancelled, apart from background ones. */
  timers = 0
  /** Store and grant operations begun. */
  operations = 0
  /** How often something was done to it: what explains a long wait. */
  faults = 0
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #backlog: Arrival[] = []
  readonly #outgoing = new Set<Outgoing>()

  constructor(pid: number, host: string, offset: number, scheduler: Scheduler, random: Random) {
    this.pid = pid
    this.holder = { host, pid, startedAt: String(Math.floor(scheduler.now)) }
    this.offset = offset
    this.#scheduler = scheduler
    this.#random = random
    const booted = scheduler.now
    this.timing = {
      now: () => this.wall(),
      monotonic: () => scheduler.now - booted,
      after: (ms, callback, background = false) => this.#timer(ms, callback, background),
      random: () => random.next(),
    }
  }

  wall(): number {
    const now = Date.UTC(2030, 0, 1) + Math.floor(this.#scheduler.now + this.offset)
    this.latest = Math.max(this.latest, now)
    return now
  }

  get cut(): boolean {
    return this.#scheduler.now < this.cutUntil
  }

  /** Something reaches the process after `ms`. */
  later(ms: number, run: () => void, kind: Arrival['kind'] = 'io'): () => void {
    return this.#scheduler.after(ms, () => this.#arrive({ kind, due: this.#scheduler.now, run }))
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.later(ms, resolve))
  }

  /** The process sends something, which is elsewhere after `ms`. */
  send(ms: number, elsewhere: () => void): void {
    const message: Outgoing = { held: false, dropped: false }
    this.#outgoing.add(message)
    const leave = () => {
      this.#outgoing.delete(message)
      if (message.dropped) return
      if (message.held && this.state === 'stopped')
        this.#backlog.push({ kind: 'io', due: this.#scheduler.now, run: leave })
      else if (!message.held || this.state !== 'dead') elsewhere()
    }
    this.#scheduler.after(ms, leave)
  }

  /** Ends it, as SIGKILL does. What it was about to send may have left. */
  end(): void {
    this.state = 'dead'
    this.killed = true
    this.#backlog.length = 0
    for (const message of this.#outgoing) message.dropped ||= this.#random.chance(0.5)
  }

  /** Stops it, as SIGSTOP or a suspended machine does. */
  stop(): void {
    if (this.state !== 'running') return
    this.state = 'stopped'
    this.faults++
    for (const message of this.#outgoing) message.held ||= this.#random.chance(0.5)
  }

  /** Everything that is due runs now: overdue timers as a rule before the sockets are read. */
  resume(): void {
    if (this.state !== 'stopped') return
    this.state = 'running'
    const waiting = this.#backlog.splice(0)
    if (this.#random.chance(0.8)) waiting.sort((a, b) => Number(b.kind === 'timer') - Number(a.kind === 'timer'))
    for (const [place, { kind, run }] of waiting.entries()) this.later(place / 100, run, kind)
  }

  #arrive(arrival: Arrival): void {
    if (this.state === 'stopped') this.#backlog.push(arrival)
    else if (this.state === 'running') arrival.run()
  }

  #timer(ms: number, callback: () => void, background: boolean): () => void {
    let open = true
    const settle = () => {
      if (open && !background) this.timers--
      open = false
    }
    if (!background) this.timers++
    const cancel = this.later(
      Math.min(ms, 2 ** 31 - 1),
      () => {
        if (!open) return
        settle()
        callback()
      },
      'timer',
    )
    return () => {
      settle()
      cancel()
    }
  }
}
