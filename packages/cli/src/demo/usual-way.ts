import { readFile, rename, writeFile } from 'node:fs/promises'
import type { Fetch } from '@tokenflight/fetch'

/** The recipe found in many posts and command-line tools: a credential file, one refresh at a time, and a second try after a 401. */
export interface UsualWay {
  path: string
  tokenEndpoint: string
  clientId: string
  fetch: Fetch
}

interface Credentials {
  access_token: string
  refresh_token: string
  /** Epoch seconds. */
  expires_at: number
}

export function usualWay({ path, tokenEndpoint, clientId, fetch }: UsualWay): (url: string) => Promise<Response> {
  let refreshPromise: Promise<Credentials> | undefined

  const load = async (): Promise<Credentials> => JSON.parse(await readFile(path, 'utf8'))

  async function refresh(): Promise<Credentials> {
    const { refresh_token } = await load()
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id: clientId })
    const response = await fetch(tokenEndpoint, { method: 'POST', body })
    if (!response.ok) throw new Error(`the refresh failed with status ${response.status}`)
    const answer = await response.json()
    const credentials = { ...answer, expires_at: Date.now() / 1000 + answer.expires_in }
    await writeFile(`${path}.${process.pid}`, JSON.stringify(credentials), { mode: 0o600 })
    await rename(`${path}.${process.pid}`, path)
    return credentials
  }

  const refreshOnce = (): Promise<Credentials> => {
    refreshPromise ??= refresh().finally(() => {
      refreshPromise = undefined
    })
    return refreshPromise
  }

  return async (url) => {
    let credentials = await load()
    if (Date.now() / 1000 >= credentials.expires_at) credentials = await refreshOnce()
    const send = (): Promise<Response> =>
      fetch(url, { headers: { authorization: `Bearer ${credentials.access_token}` } })
    const response = await send()
    if (response.status !== 401) return response
    await response.text()
    credentials = await refreshOnce()
    return send()
  }
}
