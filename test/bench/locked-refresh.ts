import { readFile, rename, writeFile } from 'node:fs/promises'
import { lock } from 'proper-lockfile'
import { requestTokens } from '../processes/ways/way.ts'

/** What a credential file shared by hand holds. */
export interface LockedCredential {
  access_token: string
  refresh_token: string
}

const patience = { retries: 200, factor: 1.2, minTimeout: 10, maxTimeout: 50 }

/**
 * As it is done by hand: one promise a process, and around the refresh a lock with proper-lockfile, under which the file is read again.
 * The retries are as quick as they can be; by default the first comes after a second.
 */
export function lockedRefresh(path: string, tokenEndpoint: string): (rejected: string) => Promise<string> {
  let refreshing: Promise<string> | undefined
  async function refresh(rejected: string): Promise<string> {
    const release = await lock(path, { retries: patience })
    try {
      const current: LockedCredential = JSON.parse(await readFile(path, 'utf8'))
      if (current.access_token !== rejected) return current.access_token
      const answer = await requestTokens({ tokenEndpoint, clientId: 'app' }, current.refresh_token)
      await writeFile(`${path}.${process.pid}`, JSON.stringify({ ...current, ...answer }), { mode: 0o600 })
      await rename(`${path}.${process.pid}`, path)
      return answer.access_token
    } finally {
      await release()
    }
  }
  return (rejected) => {
    refreshing ??= refresh(rejected).finally(() => {
      refreshing = undefined
    })
    return refreshing
  }
}
