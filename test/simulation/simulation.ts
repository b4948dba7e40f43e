import { useToken } from './caller.ts'
import { converge } from './convergence.ts'
import { type Incident, type Sabotage, type Violation, World } from './world.ts'

export interface Run {
  seed: number
  violation: Violation | undefined
  /** What was in it. */
  incidents: ReadonlyMap<Incident, number>
  presentations: number
  revocations: number
  /** Only where it was asked for. */
  history: readonly string[]
}

/** One history, decided by its seed alone. */
export async function simulate(seed: number, options: { sabotage?: Sabotage; record?: boolean } = {}): Promise<Run> {
  const world = new World(seed, options)
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
  return { seed, violation, incidents, presentations, revocations: server.revocations, history }
}

/** A sign-in, and then callers: alone, together, and most of all when the token has just expired. */
async function live(world: World): Promise<void> {
  const { random, weather, scheduler } = world
  const [first] = world.processes
  if (first !== undefined) void world.signIn(first)
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
        void useToken(world, process, leaver?.signal, world.drawAudience())
      }
    })
  }
  await world.run(lifetime * generations * 1.1)
}
