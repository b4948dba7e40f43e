import { readFile, rename, writeFile } from 'node:fs/promises'
import { threadId } from 'node:worker_threads'
import type { Fetch } from '@tokenflight/fetch'
import type { Call, Client, UsualLogin } from './clients/client.ts'

/**
 * The recipe found in many posts and command-line tools: a credential file, and one refresh at a time in each process, which all
 * clients of the process share.
 */
export interface UsualWay {
  path: string
  tokenEndpoint: string
  clientId: string
  /** For token requests. */
  fetch: Fetch
}

interface Credentials {
  access_token: string
  refresh_token: string
  /** Epoch seconds. */
  expires_at: number
}

export function usualWay(options: UsualWay): (client: Client) => Call {
  const login = usualLogin(options)
  return (client) => client.usual(login)
}

function usualLogin({ path, tokenEndpoint, clientId, fetch }: UsualWay): UsualLogin {
  let refreshPromise: Promise<string> | undefined

  const load = async (): Promise<Credentials> => JSON.parse(await readFile(path, 'utf8'))

  async function refresh(): Promise<string> {
    const { refresh_token } = await load()
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id: clientId })
    const response = await fetch(tokenEndpoint, { method: 'POST', body })
    if (!response.ok) throw new Error(`the refresh failed with status ${response.status}`)
    const answer = await response.json()
    const credentials = { ...answer, expires_at: Date.now() / 1000 + answer.expires_in }
    await writeFile(`${path}.${process.pid}.${threadId}`, JSON.stringify(credentials), { mode: 0o600 })
    await rename(`${path}.${process.pid}.${threadId}`, path)
    return answer.access_token
  }

  const refreshOnce = (): Promise<string> => {
    refreshPromise ??= refresh().finally(() => {
      refreshPromise = undefined
    })
    return refreshPromise
  }

  return {
    async accessToken() {
      const { access_token, expires_at } = await load()
      return Date.now() / 1000 < expires_at ? access_token : await refreshOnce()
    },
    refresh: refreshOnce,
  }
}
