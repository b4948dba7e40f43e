import { closeSync, fstatSync, openSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fingerprint, openHistory } from './history.ts'
import { unmount } from './stores/file.ts'
import type { Place } from './stores/place.ts'

// Reads the credential as any program would, as fast as it changes, and writes down what it sees. It also outlives the controller for a
// moment: if that is killed, the witness ends all that it had started.

/** What a witness is told when it starts. */
export interface WitnessSetup {
  place: Place
  history: string
  /** Goes with the run; and what is mounted in it, first. */
  directory: string
  mounted: string
}

/** What is there at this moment; undefined while nobody can say. */
type Look = () => Promise<{ text: string; mode?: number } | undefined>

const setup: WitnessSetup = JSON.parse(process.argv[2] ?? '')
const history = openHistory(setup.history)
const pids = new Set<number>()

process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('message', (message: { type: 'started' | 'ended'; pid: number }) => {
  if (message.type === 'started') pids.add(message.pid)
  else pids.delete(message.pid)
})
process.on('disconnect', () => {
  for (const pid of pids) endProcess(pid)
  unmount(setup.mounted)
  rmSync(setup.directory, { recursive: true, force: true, maxRetries: 5 })
  process.exit(1)
})
void watch(await lookAt(setup.place))
process.send?.({ type: 'ready' })

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

async function lookAt(place: Place): Promise<Look> {
  if (place.store === 'file') return async () => lookAtFile(place.path)
  if (place.store === 'redis') {
    const { openRedisClient } = await import('../services/redis-clients.ts')
    const { command } = await openRedisClient(place.client, { url: place.url })
    return async () => {
      const text = await command('HGET', 'tokenflight:default', 'record').catch(() => undefined)
      return typeof text === 'string' ? { text } : undefined
    }
  }
  const { openPool } = await import('../services/postgres-clients.ts')
  const pool = openPool({ connectionString: place.url, max: 1 })
  return async () => {
    const found = await pool.query(`SELECT record FROM ${place.table} WHERE key = 'default'`).catch(() => undefined)
    const text: unknown = found?.rows[0]?.record
    return typeof text === 'string' ? { text } : undefined
  }
}

function lookAtFile(path: string): { text: string; mode: number } {
  const file = openSync(path, 'r')
  try {
    return { text: readFileSync(file, 'utf8'), mode: fstatSync(file).mode & 0o777 }
  } finally {
    closeSync(file)
  }
}

async function watch(look: Look): Promise<never> {
  let before: string | undefined
  for (;;) {
    // Several times a turn: a moment in which there is nothing, or half of it, would be short.
    for (let times = 0; times < 4; times++) {
      try {
        const seen = await look()
        if (seen === undefined || seen.text === before) continue
        before = seen.text
        note(seen.text, seen.mode)
      } catch (error) {
        history.write({ type: 'torn', bytes: 0, why: error instanceof Error ? error.message : String(error) })
      }
    }
    await delay(1)
  }
}

/** As a credential file has it, and as servers keep records. */
interface Stored {
  access_token?: string
  refresh_token?: string
  tokenflight?: Bookkeeping
  tokens?: { accessToken?: string; refreshToken?: string }
}
interface Bookkeeping {
  revision: number
  generation: number
  claim?: { id: string }
}

function note(text: string, mode: number | undefined): void {
  let stored: Stored & Partial<Bookkeeping> = {}
  try {
    stored = JSON.parse(text)
  } catch {
    // Said below.
  }
  const { access_token: access = stored.tokens?.accessToken, refresh_token: refresh = stored.tokens?.refreshToken } =
    stored
  const { revision, generation, claim } = stored.tokenflight ?? stored
  if (access === undefined || refresh === undefined)
    history.write({ type: 'torn', bytes: text.length, why: 'no JSON, or no tokens in it' })
  else
    history.write({
      type: 'seen',
      access: fingerprint(access),
      refresh: fingerprint(refresh),
      ...(mode !== undefined && { mode }),
      ...(revision !== undefined && generation !== undefined && { revision, generation }),
      ...(claim && { claim: claim.id }),
    })
}
