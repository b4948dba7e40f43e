import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { type Answer, replayOnce, requestTokens, type Way } from './way.ts'

/** A credential file as most programs keep it. */
interface Credential extends Answer {
  /** Epoch milliseconds. */
  expires_at?: number
}

/**
 * The popular recipe: one promise per process for the refresh under way, the file read again before it, the new tokens written to a
 * temporary file that is renamed into place. Every part is sound; together they share nothing between processes.
 */
export function naive(setup: { path: string; tokenEndpoint: string; clientId: string }): Way {
  let refreshing: Promise<string> | undefined

  const load = async (): Promise<Credential> => JSON.parse(await readFile(setup.path, 'utf8'))
  const usable = ({ expires_at: expiresAt }: Credential): boolean => expiresAt === undefined || Date.now() < expiresAt

  async function refresh(rejected: string | undefined): Promise<string> {
    const current = await load()
    if (current.access_token !== rejected && usable(current)) return current.access_token
    const answer = await requestTokens(setup, current.refresh_token)
    const next: Credential = { refresh_token: current.refresh_token ?? '', ...answer }
    if (answer.expires_in !== undefined) next.expires_at = Date.now() + answer.expires_in * 1000
    const temporary = `${setup.path}.${randomUUID()}.tmp`
    await writeFile(temporary, JSON.stringify(next), { mode: 0o600 })
    await rename(temporary, setup.path)
    return next.access_token
  }

  async function token(rejected?: string): Promise<string> {
    if (refreshing !== undefined) return refreshing
    const current = await load()
    if (current.access_token !== rejected && usable(current)) return current.access_token
    refreshing ??= refresh(rejected).finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  return { token, fetch: replayOnce(token) }
}
