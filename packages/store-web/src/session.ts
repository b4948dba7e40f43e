import { isTokenError, TokenError } from '@tokenflight/core'
import { absence, type Database, sessionName } from './database.ts'
import { randomId } from './random-id.ts'

/** Longer than any lock is held here; lock managers have been seen to hang. */
const longest = 5000

/**
 * For `webStore({ session: webSession })`: credentials are kept until the last tab of this origin is closed, and the next one finds
 * nothing. A tab that is reloaded, or restored after a crash, goes on.
 *
 * Tabs hold a shared Web Lock while they live. The one that finds it free is the first: unless it remembers the stored session itself
 * (it was reloaded), it begins a new one with nothing in it. Workers have no memory of their own and never begin one.
 */
export function webSession(name: string, database: Database): Database {
  const key = `tokenflight session ${name}`
  let present: Promise<{ leave: () => void }> | undefined

  /** What is stored belongs to the present session; what an earlier one left behind is gone. */
  async function begun(): Promise<void> {
    present ??= enter(key, database)
    const entering = present
    try {
      await entering
    } catch (error) {
      if (present === entering) present = undefined
      throw error
    }
  }

  // A page that is put aside (back-forward cache) is no longer there: holding a lock would also keep it from being cached.
  function leave(): void {
    present?.then((entered) => entered.leave()).catch(() => {})
    present = undefined
  }
  const page = typeof document === 'object' ? globalThis : undefined
  page?.addEventListener('pagehide', leave)

  return {
    ...database,
    async run(mode, work) {
      await begun()
      return await database.run(mode, work)
    },
    close() {
      leave()
      page?.removeEventListener('pagehide', leave)
      database.close()
    },
  }
}

async function enter(key: string, database: Database): Promise<{ leave: () => void }> {
  const { locks } = navigator
  const memory = sessionMemory()
  if (memory === undefined) return { leave() {} }
  if (locks === undefined) throw needsLocks('has none (a page without https?)')
  // One at a time: two tabs that open at once must not both be the first.
  const signal = AbortSignal.timeout(longest)
  try {
    return await locks.request(`${key} begin`, { signal }, async () => {
      const alone = await locks.request(key, { ifAvailable: true }, (free) => free !== null)
      memory.setItem(key, await settle(database, alone, memory.getItem(key)))
      return await stay(locks, key, signal)
    })
  } catch (error) {
    if (isTokenError(error)) throw error
    throw needsLocks(signal.aborted ? 'did not answer' : 'refused them', error)
  }
}

/** Holds the shared lock until told otherwise. */
function stay(locks: LockManager, key: string, signal: AbortSignal): Promise<{ leave: () => void }> {
  return new Promise((resolve, reject) => {
    const held = (): Promise<void> => new Promise((leave) => resolve({ leave }))
    locks.request(key, { mode: 'shared', signal }, held).catch(reject)
  })
}

/** The name of the present session; where it is a new one, what was stored is removed first. */
function settle(database: Database, alone: boolean, remembered: string | null): Promise<string> {
  return database.run('readwrite', (entries) => {
    let present = randomId()
    const stored: IDBRequest<string | undefined> = entries.get(sessionName)
    stored.onsuccess = () => {
      const { result } = stored
      if (result !== undefined && (!alone || result === remembered)) {
        present = result
        return
      }
      // Credentials have strings for keys, and these sort before arrays.
      entries.delete(IDBKeyRange.bound('', [], false, true))
      entries.put(present, sessionName)
      entries.put({ version: randomId() }, absence)
    }
    return () => present
  })
}

function sessionMemory(): Storage | undefined {
  try {
    return globalThis.sessionStorage
  } catch {
    throw new TokenError(
      'store_failed',
      'webStore: `session` needs sessionStorage, which the browser forbids this page.',
    )
  }
}

function needsLocks(problem: string, cause?: unknown): TokenError {
  return new TokenError(
    'store_failed',
    `webStore: \`session\` needs the browser's Web Locks to know which tab is the last, and the browser ${problem}. Leave the option out, or keep tokens in memory.`,
    { cause },
  )
}
