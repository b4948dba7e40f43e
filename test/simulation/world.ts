import type { TokenEvent } from '@tokenflight/core'
import { Application } from './application.ts'
import { AuthorizationServer } from './authorization-server.ts'
import { HandoutRules } from './handout-rules.ts'
import { Ledger } from './ledger.ts'
import { Mishaps } from './mishaps.ts'
import { openStore } from './open-store.ts'
import { createRandom, type Random } from './random.ts'
import type { Sabotage } from './sabotage.ts'
import { Scheduler } from './scheduler.ts'
import type { SharedStore } from './shared-store.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { drawWeather, type Weather } from './weather.ts'
import { judgeWrite } from './write-rules.ts'

/** A broken rule: an invariant of the refresh transaction (I1 to I9) or a behaviour (F4, R3, R13, P2). */
export interface Violation {
  invariant: string
  message: string
  /** Simulated milliseconds. */
  at: number
}

/** What happened in a run, to be counted. */
export type Incident =
  | TokenEvent['type']
  | 'crash'
  | 'partition'
  | 'stop'
  | 'clock step'
  | 'sign-out'
  | 'close'
  | 'outage'
  | 'refusal'
  | 'renewal'

export interface WorldOptions {
  sabotage?: Sabotage
  record?: boolean
  /** In place of what is drawn. */
  weather?: Partial<Weather>
}

/** Far more than ever happens at one moment. */
const mostTogether = 10_000

/** Everything there is in one run. */
export class World {
  readonly scheduler = new Scheduler()
  readonly random: Random
  readonly weather: Weather
  readonly server: AuthorizationServer
  readonly store: SharedStore
  readonly ledger = new Ledger()
  readonly handouts: HandoutRules
  readonly processes: SimulatedProcess[] = []
  readonly mishaps = new Mishaps(this)
  readonly incidents = new Map<Incident, number>()
  violation: Violation | undefined
  readonly history: string[] | undefined
  readonly #applications = new Map<SimulatedProcess, Application>()
  readonly #sabotage: Sabotage

  constructor(seed: number, options: WorldOptions = {}) {
    this.random = createRandom(seed)
    const { sabotage = {}, weather = {} } = options
    this.weather = {
      ...drawWeather(this.random, weather.store ?? sabotage.weather?.store),
      ...sabotage.weather,
      ...weather,
    }
    this.history = options.record ? [] : undefined
    this.#sabotage = sabotage
    const now = () => this.scheduler.now
    this.server = new AuthorizationServer(this.weather, now)
    this.store = openStore({
      random: this.random,
      weather: this.weather,
      mtimeLocks: sabotage.mtimeLocks ?? false,
      now,
      down: (process) => this.mishaps.outage || (process.cut && this.weather.store !== 'file'),
      written: (write) => {
        judgeWrite(this, write)
        this.ledger.write(write, now())
        this.log(write.writer, () => `writes #${write.sequence}: ${describe(write.after)}`)
      },
      isDead: (pid) => this.isDead(pid),
      touched: (process, operation) => this.mishaps.touched(process, operation),
      log: (process, text) => this.log(process, text),
      violate: (invariant, message) => this.violate(invariant, message),
    })
    this.handouts = new HandoutRules(this)
    for (let n = 0; n < this.weather.processes; n++) this.start()
  }

  get living(): SimulatedProcess[] {
    return this.processes.filter(({ state }) => state !== 'dead')
  }

  /** The longest that a caller waits if nothing goes wrong any more, whatever went wrong before. Milliseconds. */
  get bound(): number {
    const { claimTtl, settle, refreshTimeout, retryFor = 0, keepTimeout = 0 } = this.weather.policy
    // Of the file store: how long an owner that is stopped inside is waited for, twice.
    const section = this.weather.store === 'file' ? 4_000 : 0
    return 2 * (claimTtl + settle + refreshTimeout + 1_000 + retryFor + keepTimeout + this.weather.grace + section)
  }

  isDead(pid: number): boolean {
    return this.processes.some((process) => process.pid === pid && process.state === 'dead')
  }

  /** Lets time pass until then, or until a rule is broken. */
  run(until: number, done: () => boolean = () => false): Promise<boolean> {
    const { scheduler } = this
    return scheduler.run(until, () => {
      if (scheduler.together > mostTogether) this.violate('I5', 'somebody goes round and round without time passing')
      return this.violation !== undefined || done()
    })
  }

  start(): SimulatedProcess {
    const { random, weather, scheduler } = this
    const skew = weather.clockStep > 0 ? random.between(-60_000, 60_000) : random.between(-20, 20)
    const host = `host-${Math.floor(random.between(0, weather.hosts))}`
    const process = new SimulatedProcess(this.processes.length + 1, host, skew, scheduler, random)
    this.processes.push(process)
    this.#applications.set(process, new Application(this, process, this.#sabotage))
    this.log(process, () => `starts on ${host}`)
    return process
  }

  /** What runs in this process. */
  application(process: SimulatedProcess): Application {
    const application = this.#applications.get(process)
    if (application === undefined) throw new Error(`nothing runs in process ${process.pid}`)
    return application
  }

  drawAudience(): string | undefined {
    return this.random.pick([undefined, ...this.audiences])
  }

  get audiences(): string[] {
    return Array.from({ length: this.weather.audiences }, (_, n) => `urn:api:${n + 1}`)
  }

  count(incident: Incident): void {
    this.incidents.set(incident, (this.incidents.get(incident) ?? 0) + 1)
  }

  violate(invariant: string, message: string): void {
    if (this.violation !== undefined) return
    this.violation = { invariant, message, at: this.scheduler.now }
    this.log(undefined, () => `!!! ${invariant}: ${message}`)
  }

  log(process: SimulatedProcess | undefined, text: () => string): void {
    const { now } = this.scheduler
    this.history?.push(
      `${now.toFixed(2).padStart(12)}  ${process === undefined ? '   ' : `p${process.pid} `} ${text()}`,
    )
  }
}

function describe(record: Parameters<typeof judgeWrite>[1]['after']): string {
  if (record === undefined) return 'nothing'
  const { tokens, audiences = {}, generation, claim, outcome, state } = record
  const held =
    claim === undefined
      ? ''
      : ` claimed by p${claim.holder.pid} (${claim.presentation}${claim.inDoubt ? ', in doubt' : ''})`
  const further = Object.entries(audiences).map(([name, own]) => ` ${name} ${own.tokens.accessToken}`)
  return `${tokens?.accessToken}${further.join('')} ${tokens?.refreshToken} g${generation}${held}${outcome === undefined ? '' : ` ${outcome.kind}`}${state === undefined ? '' : ` ${state}`}`
}
