import type { Cluster } from './finding.ts'

const minute = 60_000
/** So many other logins that end in the same minutes are one event. */
const many = 10
const mostMinutes = 20_000

/**
 * Whether logins ended by the dozen at the time of something that may be a race. Where a deploy or a change of keys ends all of them, some had
 * been refreshed a moment before, and these look like the winner of a race.
 */
export interface Mass {
  add(end: Cluster): void
  covers(cluster: Cluster): boolean
}

export function createMass(): Mass {
  const ends = new Map<number, number>()
  return {
    add({ from }) {
      const at = Math.floor(from / minute)
      ends.set(at, (ends.get(at) ?? 0) + 1)
      for (const oldest of ends.keys()) {
        if (ends.size <= mostMinutes) break
        ends.delete(oldest)
      }
    },
    covers({ from, untimed }) {
      const at = Math.floor(from / minute)
      const around = [at - 1, at, at + 1].reduce((sum, one) => sum + (ends.get(one) ?? 0), 0)
      return !untimed && around >= many
    },
  }
}
