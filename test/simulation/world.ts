import {
  type AccessToken,
  createTokenManager,
  forResource,
  type Grant,
  type RenewableTokenSource,
  type TokenEvent,
  type TokenManager,
  type TokenStore,
} from '@tokenflight/core'
import { AuthorizationServer } from './authorization-server.ts'
import { HandoutRules } from './handout-rules.ts'
import { Ledger } from './ledger.ts'
import { createRandom, type Random } from './random.ts'
import { Register } from './register.ts'
import { Scheduler } from './scheduler.ts'
import { SharedFile } from './shared-file.ts'
import { SharedMemory } from './shared-memory.ts'
import { SharedPostgres } from './shared-postgres.ts'
import { SharedRedis } from './shared-redis.ts'
import type { SharedStore, Surroundings } from './shared-store.ts'
import { createSimulatedGrant } from './simulated-grant.ts'
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

/** A known mistake, made on purpose at one of the seams of core: the rules must notice it. */
export interface Sabotage {
  /** Where the mistake can be made at all. */
  weather?: Partial<Weather>
  store?: (store: TokenStore, world: World, process: SimulatedProcess) => TokenStore
  grant?: (grant: Grant) => Grant
  /** Further audiences are refreshed by managers of their own, which share the record with the others and see it through this. */
  apart?: (store: TokenStore) => TokenStore
  /** The file is written under a lock that is removed when it looks old. */
  mtimeLocks?: boolean
  /** What a caller names as refused. */
  rejected?: (rejected: string, world: World, process: SimulatedProcess) => string
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
  /** Audiences that callers of a process have asked for. */
  readonly wanted = new Map<SimulatedProcess, Set<string | undefined>>()
  /** Processes in which somebody has wished for a newer token. */
  readonly renewing = new Set<SimulatedProcess>()
  /** Access tokens that callers of a process have named as refused. */
  readonly named = new Map<SimulatedProcess, Set<string>>()
  /** Processes that hold tokens which they have reported as not kept. */
  readonly unsaved = new Set<SimulatedProcess>()
  readonly signingOut = new Set<SimulatedProcess>()
  /** Who has been told that a sign-in failed, and tries again. */
  readonly signingInAgain = new Set<SimulatedProcess>()
  readonly incidents = new Map<Incident, number>()
  violation: Violation | undefined
  readonly history: string[] | undefined
  readonly #stores = new Map<SimulatedProcess, TokenStore>()
  readonly #managers = new Map<SimulatedProcess, TokenManager>()
  readonly #managersApart = new Map<string, TokenManager>()
  readonly #sabotage: Sabotage
  #outageUntil = 0
  #mishaps = 6

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
      down: (process) => now() < this.#outageUntil || (process.cut && this.weather.store !== 'file'),
      written: (write) => {
        judgeWrite(this, write)
        this.ledger.write(write, now())
        this.log(write.writer, () => `writes #${write.sequence}: ${describe(write.after)}`)
      },
      isDead: (pid) => this.isDead(pid),
      touched: (process, operation) => this.touched(process, operation),
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
    return this.scheduler.run(until, () => this.violation !== undefined || done())
  }

  start(): SimulatedProcess {
    const { random, weather, scheduler } = this
    const skew = weather.clockStep > 0 ? random.between(-60_000, 60_000) : random.between(-20, 20)
    const host = `host-${Math.floor(random.between(0, weather.hosts))}`
    const process = new SimulatedProcess(this.processes.length + 1, host, skew, scheduler, random)
    this.processes.push(process)
    this.named.set(process, new Set())
    this.wanted.set(process, new Set([undefined]))
    const { store = (inner) => inner, grant = (inner) => inner } = this.#sabotage
    const own = this.store.storeOf(process)
    this.#stores.set(process, own)
    const manager = createTokenManager({
      ...weather.policy,
      store: store(own, this, process),
      grant: grant(createSimulatedGrant(this, process)),
      timing: process.timing,
      onEvent: (event) => this.#happened(process, event),
    })
    this.#managers.set(process, manager)
    this.log(process, () => `starts on ${host}`)
    return process
  }

  drawAudience(): string | undefined {
    return this.random.pick([undefined, ...this.audiences])
  }

  get audiences(): string[] {
    return Array.from({ length: this.weather.audiences }, (_, n) => `urn:api:${n + 1}`)
  }

  ask(process: SimulatedProcess, rejected?: string, signal?: AbortSignal, audience?: string): Promise<AccessToken> {
    this.wanted.get(process)?.add(audience)
    if (rejected !== undefined) this.named.get(process)?.add(rejected)
    const { rejected: name = (it: string) => it } = this.#sabotage
    const said = rejected === undefined ? undefined : name(rejected, this, process)
    const ask = () => this.#source(process, audience).getAccessToken({ rejected: said, signal })
    return this.handouts.ask(process, rejected, ask, signal, audience)
  }

  /** The application has been configured anew, and wants tokens of now. */
  async renew(process: SimulatedProcess, audience: string | undefined): Promise<void> {
    this.count('renewal')
    this.wanted.get(process)?.add(audience)
    this.renewing.add(process)
    await this.handouts.renew(process, () => this.#source(process, audience).renew(), audience)
  }

  #source(process: SimulatedProcess, audience: string | undefined): RenewableTokenSource {
    const manager = this.#manager(process)
    const { apart } = this.#sabotage
    if (audience === undefined) return manager
    return forResource(apart === undefined ? manager : this.#apart(process, audience, apart), audience)
  }

  #apart(process: SimulatedProcess, audience: string, apart: (store: TokenStore) => TokenStore): TokenManager {
    const name = `${process.pid} ${audience}`
    const found = this.#managersApart.get(name)
    if (found !== undefined) return found
    const created = createTokenManager({
      ...this.weather.policy,
      store: apart(this.store.storeOf(process)),
      grant: createSimulatedGrant(this, process),
      timing: process.timing,
    })
    this.#managersApart.set(name, created)
    return created
  }

  /** The application's login: a new grant, handed over until it is kept. */
  async signIn(process: SimulatedProcess): Promise<void> {
    const response = this.server.signIn()
    this.log(process, () => `signs in with ${response.access_token}`)
    for (;;) {
      try {
        return await this.#manager(process).setTokens(response)
      } catch {
        // Kept after all, if only the reply was lost; storing it twice would be no new sign-in.
        if (this.ledger.keptAt.has(response.access_token)) return
        this.signingInAgain.add(process)
        await process.pause(500)
      }
    }
  }

  async signOut(process: SimulatedProcess): Promise<void> {
    if (this.signingOut.has(process)) return
    this.log(process, () => 'signs out')
    this.signingOut.add(process)
    try {
      await this.#manager(process).clearTokens()
    } catch {
      // The application says so to its user, who may try again.
    } finally {
      this.signingOut.delete(process)
    }
  }

  /** The orderly end of a process. */
  async close(process: SimulatedProcess): Promise<void> {
    this.log(process, () => 'closes')
    await this.#manager(process).close()
    await this.#stores.get(process)?.close?.()
    process.state = 'dead'
    this.log(process, () => 'has ended')
  }

  /** An operation begins: trouble strikes about then, or never. */
  touched(process: SimulatedProcess, operation: 'read' | 'write' | 'presentation'): void {
    const { random, weather } = this
    process.operations++
    if (operation === 'presentation' && random.chance(weather.outage)) {
      this.count('outage')
      this.#outageUntil = this.scheduler.now + random.spread(50, 3 * (weather.policy.keepTimeout ?? 0))
      this.log(undefined, () => `the store is down until ${Math.round(this.#outageUntil)}`)
    }
    // Where it matters most, it happens more often.
    const weight = operation === 'read' ? 1 : 5
    const soon = () =>
      random.spread(0.01, 2 * (operation === 'presentation' ? weather.networkLatency : weather.storeLatency))
    const strike = (probability: number, what: () => void) => {
      if (this.#mishaps === 0 || !random.chance(probability * weight)) return
      this.#mishaps--
      this.scheduler.after(soon(), () => process.state === 'running' && what())
    }
    strike(weather.crash, () => this.#crash(process))
    strike(weather.stall, () => this.#stop(process))
    strike(weather.partition, () => this.#cutOff(process))
    strike(weather.clockStep / 10, () => this.#stepClock(process))
    strike(weather.signOut, () => {
      this.count('sign-out')
      void this.signOut(process)
      this.scheduler.after(random.spread(1, 20_000), () => this.#signInSomewhere())
    })
    strike(weather.signIn, () => void this.signIn(process))
    strike(weather.close, () => {
      this.count('close')
      void this.close(process)
      this.#restart()
    })
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

  #manager(process: SimulatedProcess): TokenManager {
    const manager = this.#managers.get(process)
    if (manager === undefined) throw new Error(`process ${process.pid} has no manager`)
    return manager
  }

  #happened(process: SimulatedProcess, event: TokenEvent): void {
    this.count(event.type)
    if (event.type === 'unsaved') this.unsaved.add(process)
    if (event.type === 'takeover') this.log(process, () => `takes over (${event.verdict})`)
  }

  #signInSomewhere(): void {
    const [process] = this.living.filter(({ state }) => state === 'running')
    if (process !== undefined) void this.signIn(process)
  }

  #restart(): void {
    if (this.random.chance(this.weather.restart)) this.scheduler.after(this.random.spread(1, 5_000), () => this.start())
  }

  #crash(process: SimulatedProcess): void {
    this.count('crash')
    process.end()
    this.log(process, () => 'is killed')
    this.#restart()
  }

  #stop(process: SimulatedProcess): void {
    this.count('stop')
    process.stop()
    const { claimTtl, stallTimeout = 0 } = this.weather.policy
    const ms = this.random.spread(50, this.random.pick([2 * claimTtl, 2 * claimTtl, 2 * stallTimeout]))
    this.log(process, () => `is stopped for ${Math.round(ms)} ms`)
    this.scheduler.after(ms, () => {
      this.log(process, () => 'goes on')
      process.resume()
    })
  }

  #cutOff(process: SimulatedProcess): void {
    this.count('partition')
    const ms = this.random.spread(50, 3 * this.weather.policy.claimTtl)
    process.cutUntil = Math.max(process.cutUntil, this.scheduler.now + ms)
    process.faults++
    this.log(process, () => `is cut off for ${Math.round(ms)} ms`)
  }

  #stepClock(process: SimulatedProcess): void {
    this.count('clock step')
    const step = this.random.pick([-1, 1]) * this.random.spread(100, 7_200_000)
    process.offset += step
    this.log(process, () => `has its clock moved by ${Math.round(step)} ms`)
  }
}

function openStore(world: Surroundings): SharedStore {
  switch (world.weather.store) {
    case 'register':
      return new Register(world)
    case 'file':
      return new SharedFile(world)
    case 'redis':
      return new SharedRedis(world)
    case 'postgres':
      return new SharedPostgres(world)
    case 'memory':
      return new SharedMemory(world)
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
