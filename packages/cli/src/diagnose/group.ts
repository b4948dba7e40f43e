import type { Memory } from './memory.ts'
import type { Signal, Who } from './signal.ts'

/** How surely the lines of one group are about one login. */
export type Strength = 'login' | 'client' | 'none'

export interface Burst {
  strength: Strength
  who: Who
  signals: Signal[]
  memory: Memory
}

/** A burst ends where nothing more came for so long, ms. */
const gap = 10_000
/** Bounds of memory: open groups, signals in all of them together, and in one. */
const mostGroups = 5_000
const mostSignals = 20_000
const longestBurst = 400
const mostRequests = 5_000

/** Sorts signals by login and cuts them into bursts; the groups that were quiet for the longest time make room for others. */
export interface Groups {
  add(signal: Signal): void
  end(): void
}

export function createGroups(judge: (burst: Burst) => void, forget: (memory: Memory) => void): Groups {
  // A Map keeps its order: the first group is the one that was quiet for the longest time.
  const groups = new Map<string, Burst>()
  const users = new Map<string, string>()
  let held = 0

  const close = (group: Burst): void => {
    if (group.signals.length === 0) return
    held -= group.signals.length
    group.signals.sort((a, b) => a.at - b.at)
    judge(group)
    group.signals = []
  }
  const drop = (key: string, group: Burst): void => {
    groups.delete(key)
    close(group)
    forget(group.memory)
  }
  return {
    add(signal) {
      const who = withUser(signal.who, users)
      const [strength, key] = keyOf(who)
      const group = groups.get(key) ?? { strength, who, signals: [], memory: {} }
      groups.delete(key)
      groups.set(key, group)
      const last = group.signals.at(-1)
      if (last && (Math.abs(signal.at - last.at) > gap || group.signals.length >= longestBurst)) close(group)
      group.who = { ...group.who, ...who }
      group.signals.push(signal)
      held++
      if (groups.size <= mostGroups && held <= mostSignals) return
      // Many at once: a Map is slow to find its first entry when it has lost its first entries one by one.
      for (const [oldest, quiet] of groups) {
        if (groups.size <= mostGroups * 0.8 && held <= mostSignals * 0.8) break
        drop(oldest, quiet)
      }
    },
    end() {
      for (const [key, group] of groups) drop(key, group)
    },
  }
}

/** A line that names only its request is about whom other lines of that request are. */
function withUser(who: Who, users: Map<string, string>): Who {
  const { request, user } = who
  if (request === undefined) return who
  if (user === undefined) {
    const known = users.get(request)
    return known === undefined ? who : { ...who, user: known }
  }
  users.set(request, user)
  if (users.size > mostRequests)
    for (const oldest of users.keys()) {
      if (users.size <= mostRequests * 0.8) break
      users.delete(oldest)
    }
  return who
}

function keyOf({ user, session, client, address }: Who): [Strength, string] {
  if (user !== undefined) return ['login', `user ${user}`]
  if (session !== undefined) return ['login', `session ${session}`]
  if (address !== undefined) return ['client', `address ${address}`]
  return client === undefined ? ['none', ''] : ['client', `client ${client}`]
}
