import type { Sabotage } from './sabotage.ts'
import { type Run, simulate } from './simulation.ts'
import type { Weather } from './weather.ts'

/** A history that breaks the same rule, and what about its weather had to be said for that. */
export interface Shrunk {
  run: Run
  weather: Partial<Weather>
}

/** Weathers with less in them, the largest steps first. */
function simpler(weather: Weather): Partial<Weather>[] {
  const { processes, callers, hosts, audiences, hints, store } = weather
  const numbers = Object.entries(weather).flatMap(([name, value]) => {
    const isTrouble = typeof value === 'number' && value > 0 && value < 1 && !/restart|latency/i.test(name)
    return isTrouble ? [{ [name]: 0 }] : []
  })
  return [
    ...(processes > 1 ? [{ processes: 1 }, { processes: processes - 1 }] : []),
    ...(callers > 1 ? [{ callers: 1 }, { callers: Math.ceil(callers / 4) }, { callers: callers - 1 }] : []),
    ...(store === 'register' ? [] : [{ store: 'register' as const }]),
    ...(hosts > 1 ? [{ hosts: 1 }] : []),
    ...(audiences > 0 ? [{ audiences: 0 }] : []),
    ...numbers,
    ...(hints.lost + hints.late + hints.twice > 0 ? [{ hints: { lost: 0, late: 0, twice: 0 } }] : []),
    ...(weather.rotation === 'strict'
      ? []
      : [{ rotation: 'strict' as const, grace: 0, knownGrace: 0, singleUse: true }]),
  ]
}

/** Seeds that are tried for each simpler weather: with fewer draws in it a seed is another history. */
const luck = 20
/** Some ten seconds. */
const patience = 2_000_000

/**
 * Makes a broken history short enough to read: takes away what it does not need, as long as the same rule is broken.
 *
 * @param effort Simulated steps in all.
 */
export async function shrink(failing: Run, sabotage: Sabotage = {}, effort: number = patience): Promise<Shrunk> {
  const { invariant } = failing.violation ?? {}
  const attempt = (seed: number, weather: Partial<Weather>) => simulate(seed, { sabotage, weather, record: true })
  let best: Shrunk = { run: await attempt(failing.seed, {}), weather: {} }
  let steps = 0
  for (let smaller = true; smaller && steps < effort; ) {
    smaller = false
    for (const change of simpler(best.run.weather)) {
      const weather = { ...best.weather, ...change }
      for (let n = 0; n < luck && steps < effort && !smaller; n++) {
        const run = await attempt((failing.seed + n) % 2 ** 32, weather)
        steps += run.steps
        smaller = run.violation?.invariant === invariant && run.history.length <= best.run.history.length
        if (smaller) best = { run, weather }
      }
      if (smaller) break
    }
  }
  return best
}
