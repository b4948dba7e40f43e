import { withBearer } from '@tokenflight/fetch'
import { startChild } from './child.ts'
import { count, type Effort } from './effort.ts'
import { signedIn } from './hot-path.ts'
import { createRow, type Row } from './row.ts'

const perBatch = 250
const concurrency = 10

type Send = () => Promise<Response>

/** What the adapter costs a request whose token is valid: processor time of this process, the API being another one. */
export async function measureFetch(effort: Effort): Promise<Row[]> {
  const api = startChild('./api-process.ts')
  const { url } = await api.receive<{ url: string }>('ready')
  const { tokens } = await signedIn()
  const { accessToken } = await tokens.getAccessToken()
  const bearerFetch = withBearer(fetch, tokens, { origins: url })
  const authorization = `Bearer ${accessToken}`
  const headers = { 'content-type': 'application/json' }
  const post = { method: 'POST', body: JSON.stringify({ hello: 'world' }) }
  const kinds = [
    {
      name: 'GET',
      with: () => bearerFetch(url),
      without: () => fetch(url, { headers: { authorization } }),
    },
    {
      name: 'POST',
      with: () => bearerFetch(url, { ...post, headers }),
      without: () => fetch(url, { ...post, headers: { ...headers, authorization } }),
    },
  ]
  const rows: Row[] = []
  for (const kind of kinds) {
    const [samples, base] = await inTurns(kind.with, kind.without, count(effort.requests))
    rows.push(
      createRow(
        { id: `hot.fetch.${kind.name.toLowerCase()}`, what: `a ${kind.name} through withBearer`, unit: 'us of CPU' },
        samples,
        { ratioTo: 'fetch with the header set by hand', base, goal: { goal: 1.02, goalOf: 'ratio' } },
      ),
    )
  }
  await tokens.close()
  await api.stop()
  return rows
}

/** Either first, alternately, so that neither always runs on what the other left behind. */
async function inTurns(one: Send, other: Send, rounds: Iterable<number>): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []]
  for (const warm of [one, other, one, other]) await measureBatch(warm)
  for (const n of rounds) {
    const first = n % 2 === 0
    const before = await measureBatch(first ? one : other)
    const after = await measureBatch(first ? other : one)
    times[0].push(first ? before : after)
    times[1].push(first ? after : before)
  }
  return times
}

/** Microseconds of processor time per request. */
async function measureBatch(send: Send): Promise<number> {
  globalThis.gc?.()
  let left = perBatch
  const began = process.cpuUsage()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) {
        const response = await send()
        await response.arrayBuffer()
        if (response.status !== 200) throw new Error(`the API answered ${response.status}`)
      }
    }),
  )
  const { user, system } = process.cpuUsage(began)
  return (user + system) / perBatch
}
