import { converge } from './convergence.ts'
import { callApi } from './simulated-api.ts'
import type { Weather } from './weather.ts'
import { type Incident, type Violation, World, type WorldOptions } from './world.ts'

export interface Run {
  seed: number
  weather: Weather
  violation: Violation | undefined
  /** What was in it. */
  incidents: ReadonlyMap<Incident, number>
  presentations: number
  /** Events that happened one after the other. */
  steps: number
  revocations: number
  /** Only where it was asked for. */
  history: readonly string[]
}

/** One history, decided by its seed alone. */
export async function simulate(seed: number, options: WorldOptions = {}): Promise<Run> {
  const world = new World(seed, options)
  // As it was drawn: it ends calm.
  const weather = { ...world.weather }
  const unhandled = (reason: unknown) => world.violate('P2', `an unhandled rejection: ${String(reason)}`)
  process.on('unhandledRejection', unhandled)
  try {
    await live(world)
    if (world.violation === undefined) await converge(world)
  } finally {
    process.off('unhandledRejection', unhandled)
  }
  const { violation, incidents, history = [], ledger, server } = world
  const presentations = ledger.calls.length
  return {
    seed,
    weather,
    violation,
    incidents,
    presentations,
    steps: world.scheduler.turn,
    revocations: server.revocations,
    history,
  }
}

/** A sign-in, and then callers: alone, together, and most of all when the token has just expired. */
async function live(world: World): Promise<void> {
  const { random, weather, scheduler } = world
  const [first] = world.processes
  if (first !== undefined) void world.application(first).signIn()
  const generations = 3
  const lifetime = weather.lifetime * 1_000
  for (let n = 0; n < weather.callers; n++) {
    const expiry = lifetime * Math.ceil(random.between(0, generations))
    const at = random.chance(0.6) ? expiry * random.between(0.9, 1.05) : random.between(0, lifetime * generations)
    scheduler.after(at, () => {
      const running = world.processes.filter(({ state }) => state === 'running')
      for (const process of running) {
        if (!random.chance(0.6)) continue
        const leaver = random.chance(weather.leave) ? new AbortController() : undefined
        if (leaver !== undefined) process.later(random.spread(1, 5_000), () => leaver.abort(new Error('left')))
        void callApi(world, process, leaver?.signal, world.drawAudience())
      }
    })
  }
  await world.run(lifetime * generations * 1.1)
}
