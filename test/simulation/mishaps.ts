import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

/** What goes wrong with processes and with what they reach, and what users do at the wrong moment. */
export class Mishaps {
  readonly #world: World
  #outageUntil = 0
  #left = 6

  constructor(world: World) {
    this.#world = world
  }

  /** Nobody reaches the store. */
  get outage(): boolean {
    return this.#world.scheduler.now < this.#outageUntil
  }

  /** An operation begins: trouble strikes about then, or never. */
  touched(process: SimulatedProcess, operation: 'read' | 'write' | 'presentation'): void {
    const { random, weather, scheduler } = this.#world
    process.operations++
    if (operation === 'presentation' && random.chance(weather.outage)) {
      this.#world.count('outage')
      this.#outageUntil = scheduler.now + random.spread(50, 3 * (weather.policy.keepTimeout ?? 0))
      this.#world.log(undefined, () => `the store is down until ${Math.round(this.#outageUntil)}`)
    }
    // Where it matters most, it happens more often.
    const weight = operation === 'read' ? 1 : 5
    const soon = () =>
      random.spread(0.01, 2 * (operation === 'presentation' ? weather.networkLatency : weather.storeLatency))
    const strike = (probability: number, what: () => void) => {
      if (this.#left === 0 || !random.chance(probability * weight)) return
      this.#left--
      scheduler.after(soon(), () => process.state === 'running' && what())
    }
    strike(weather.crash, () => this.#crash(process))
    strike(weather.stall, () => this.#stop(process))
    strike(weather.partition, () => this.#cutOff(process))
    strike(weather.clockStep / 10, () => this.#stepClock(process))
    strike(weather.signOut, () => {
      this.#world.count('sign-out')
      void this.#world.application(process).signOut()
      scheduler.after(random.spread(1, 20_000), () => this.#signInSomewhere())
    })
    strike(weather.signIn, () => void this.#world.application(process).signIn())
    strike(weather.close, () => {
      this.#world.count('close')
      void this.#world.application(process).close()
      this.#restart()
    })
  }

  #signInSomewhere(): void {
    const [process] = this.#world.living.filter(({ state }) => state === 'running')
    if (process !== undefined) void this.#world.application(process).signIn()
  }

  #restart(): void {
    const { random, weather, scheduler } = this.#world
    if (random.chance(weather.restart)) scheduler.after(random.spread(1, 5_000), () => this.#world.start())
  }

  #crash(process: SimulatedProcess): void {
    this.#world.count('crash')
    process.end()
    this.#world.log(process, () => 'is killed')
    this.#restart()
  }

  #stop(process: SimulatedProcess): void {
    this.#world.count('stop')
    process.stop()
    const { random, weather, scheduler } = this.#world
    const { claimTtl, stallTimeout = 0 } = weather.policy
    const ms = random.spread(50, random.pick([2 * claimTtl, 2 * claimTtl, 2 * stallTimeout]))
    this.#world.log(process, () => `is stopped for ${Math.round(ms)} ms`)
    scheduler.after(ms, () => {
      this.#world.log(process, () => 'goes on')
      process.resume()
    })
  }

  #cutOff(process: SimulatedProcess): void {
    this.#world.count('partition')
    const { random, weather, scheduler } = this.#world
    const ms = random.spread(50, 3 * weather.policy.claimTtl)
    process.cutUntil = Math.max(process.cutUntil, scheduler.now + ms)
    process.faults++
    this.#world.log(process, () => `is cut off for ${Math.round(ms)} ms`)
  }

  #stepClock(process: SimulatedProcess): void {
    this.#world.count('clock step')
    const { random } = this.#world
    const step = random.pick([-1, 1]) * random.spread(100, 7_200_000)
    process.offset += step
    this.#world.log(process, () => `has its clock moved by ${Math.round(step)} ms`)
  }
}
