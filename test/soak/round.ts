import { createTokenManager, findTokenError, TokenError } from '@tokenflight/core'
import type { Fault, ScriptedAnswer } from '@tokenflight/testing'
import { createRandom, type Random } from '../simulation/random.ts'
import { createClients, type Send } from './clients.ts'
import type { Servers } from './servers.ts'
import { patience, type Shared, type Stage } from './stage.ts'

/** What has happened so far. Failures by their code; what nobody could expect, in words. */
export interface Tally {
  rounds: number
  requests: number
  /** Redemptions of the shared credentials that were kept. */
  refreshes: number
  answered: Record<string, number>
  failures: Record<string, number>
  unexpected: string[]
}

export interface Load {
  random: Random
  servers: Servers
  stage: Stage
  /** Handed to every request and never aborted: what listens to it and forgets to leave adds up. */
  life: AbortSignal
  tally: Tally
}

export function createLoad(seed: number, servers: Servers, stage: Stage, life: AbortSignal): Load {
  const tally: Tally = { rounds: 0, requests: 0, refreshes: 0, answered: {}, failures: {}, unexpected: [] }
  for (const { manager } of stage.shared)
    manager.subscribe(({ type }) => {
      if (type === 'refreshed') tally.refreshes++
    })
  return { random: createRandom(seed), servers, stage, life, tally }
}

/** Everybody at once, each credential with a trouble of its own; resolves when nothing is under way any more. */
export async function playRound(load: Load): Promise<void> {
  load.tally.rounds++
  const work = load.stage.shared.map((shared) => useShared(load, shared))
  await Promise.all([...work, useMany(load), useShortLived(load)])
}

type Trouble = (load: Load, shared: Shared) => unknown

const reset: Fault = { fault: 'reset', consume: true }
const troubles: readonly [Trouble, ...Trouble[]] = [
  () => {},
  () => {},
  ({ servers }) => servers.scriptTokens([{ fault: 'unavailable' }]),
  ({ servers }) => servers.scriptTokens([{ fault: 'reset' }]),
  ({ servers }) => servers.scriptTokens([reset]),
  ({ servers }) => servers.scriptTokens([{ fault: 'garbage', shape: 'html' }]),
  ({ servers }) => servers.scriptApi([401, 503, 'reset', 'pass'] satisfies ScriptedAnswer[]),
  async ({ servers }, { manager }) => servers.revokeAccessToken((await manager.getAccessToken()).accessToken),
  (_, { manager }) => manager.renew(),
  (_, { manager }) => manager.clearTokens(),
  ({ servers }, { manager, name }) => servers.signIn(name).then((response) => manager.setTokens(response)),
]

async function useShared(load: Load, shared: Shared): Promise<void> {
  const { random } = load
  const trouble = random.pick(troubles)
  const during = random.chance(0.5)
  if (!during) await attempt(load, async () => trouble(load, shared))
  const callers = Object.values(shared.clients).flatMap((send) => [send, send])
  const work = callers.map((send) => request(load, send))
  if (during) work.push(attempt(load, async () => trouble(load, shared)))
  await Promise.all(work)
  await signInAgain(load, shared)
}

/** Where a grant has come to its end, as every lost answer ends it, somebody signs in. */
async function signInAgain(load: Load, { manager, name }: Shared): Promise<void> {
  await attempt(load, async () => {
    try {
      await manager.getAccessToken()
    } catch (thrown) {
      const code = findTokenError(thrown)?.code
      if (code !== 'reauthorization_required' && code !== 'no_credential') throw thrown
      await manager.setTokens(await load.servers.signIn(name))
    }
  })
}

/** One request of a client; one in five is abandoned by its caller. */
async function request(load: Load, send: Send): Promise<void> {
  const { random, life, tally } = load
  const leaver = random.chance(0.2) ? new AbortController() : undefined
  const leaving = leaver && setTimeout(() => leaver.abort(), random.between(0, 20))
  tally.requests++
  await attempt(load, async () => {
    const status = await send(leaver === undefined ? life : AbortSignal.any([life, leaver.signal]))
    tally.answered[status] = (tally.answered[status] ?? 0) + 1
  })
  clearTimeout(leaving)
}

/** Users come and go: more of them than there is room for in memory. */
async function useMany(load: Load): Promise<void> {
  const { stage, random, servers, tally } = load
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      const key = `user-${Math.floor(random.between(0, 50))}`
      tally.requests++
      await attempt(load, async () => {
        const user = stage.many.for(key)
        try {
          await user.getAccessToken()
        } catch (thrown) {
          if (findTokenError(thrown)?.retryable !== false) throw thrown
          await user.setTokens(await servers.signIn(key))
        }
        if (random.chance(0.1)) await user.clearTokens()
      })
    }),
  )
}

/** A part of the application that is set up, used and closed: with a manager, clients and listeners of its own. */
async function useShortLived(load: Load): Promise<void> {
  const { stage, servers, random } = load
  const [first, ...rest] = stage.shared
  if (first === undefined) return
  const { store } = random.pick([first, ...rest])
  const manager = createTokenManager({ ...patience, store, grant: stage.grant })
  const unsubscribe = manager.subscribe(() => {})
  await Promise.all(Object.values(createClients(manager, servers.api)).map((send) => request(load, send)))
  unsubscribe()
  await attempt(load, () => manager.close())
}

/** Trouble is what this is about: it is counted, and only what no application could expect is told. */
async function attempt({ tally }: Load, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (thrown) {
    const what = findTokenError(thrown)?.code ?? networkFailure(thrown)
    if (what !== undefined) tally.failures[what] = (tally.failures[what] ?? 0) + 1
    else if (tally.unexpected.length < 20) tally.unexpected.push(String(thrown))
  }
}

/** The caller left, or the API reset the connection: in each client's own words. */
function networkFailure(thrown: unknown): 'aborted' | 'network' | undefined {
  if (!(thrown instanceof Error) || thrown instanceof TokenError) return undefined
  const names = ['AbortError', 'CanceledError']
  if (names.includes(thrown.name)) return 'aborted'
  const { code, cause } = thrown as { code?: unknown; cause?: unknown }
  if (code === 'ECONNRESET' || code === 'ERR_CANCELED' || code === 'UND_ERR_SOCKET') return 'network'
  return cause === undefined ? undefined : networkFailure(cause)
}
