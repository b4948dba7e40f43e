import { findTokenError } from '@tokenflight/core'
import { isAxiosError } from 'axios'
import { isHTTPError } from 'ky'
import type { Counts } from '../server/counts.ts'
import { axiosApi, client, kyApi } from './auth.ts'
import { record } from './timeline.ts'

/** How a call ended: its status, or why there is none. */
export type End = string

/** Ten calls by axios and ten by ky, all at once; each end is told as it comes. */
export async function fireCalls(ended: (client: 'axios' | 'ky', index: number, end: End) => void): Promise<void> {
  const ends: Record<string, number> = {}
  const call = async (which: 'axios' | 'ky', index: number) => {
    const sent = which === 'axios' ? axiosApi.get('/things') : kyApi.get('things')
    const end = await sent.then(({ status }) => String(status), reason)
    ends[end] = (ends[end] ?? 0) + 1
    ended(which, index, end)
  }
  const ten = Array.from({ length: 10 }, (_, index) => index)
  await Promise.all([...ten.map((index) => call('axios', index)), ...ten.map((index) => call('ky', index))])
  record({ type: 'calls', ends })
}

function reason(error: unknown): End {
  const status = isAxiosError(error) ? error.response?.status : isHTTPError(error) ? error.response.status : undefined
  const name = error instanceof Error ? error.name : 'no answer'
  return findTokenError(error)?.code ?? String(status ?? name)
}

/** The API refuses the present access token from now on. Nobody here is told. */
export async function expireNow(): Promise<void> {
  await fetch(`${client.issuer}/demo/expire`, { method: 'POST' })
}

export async function counted(): Promise<Counts> {
  return await (await fetch(`${client.issuer}/demo/counts`)).json()
}
