import { startChild } from './child.ts'
import { count, type Effort } from './effort.ts'
import { signedIn, timeAwaited } from './hot-path.ts'
import { measureLockedProcesses } from './peer-processes.ts'
import { peerRequests } from './peer-requests.ts'
import { peerTokens } from './peer-tokens.ts'
import { cpuPerRequest, inTurns } from './requests.ts'
import { createRow, type Goal, type Row } from './row.ts'
import type { TokenEndpoint } from './token-endpoint.ts'

const callers = 1_000
const calls = 2_000
const faster = (otherwise: string): Goal => ({ goal: 1, goalOf: 'ratio', otherwise })

const sameAwait = 'both await a promise that is ready: what is measured is the await'
const sameRequest = 'both wait for the same token request: what is left is noise'

/** The same work by us and by others, in turns. The ratio is ours to theirs. */
export async function measurePeers(effort: Effort, endpoint: TokenEndpoint): Promise<Row[]> {
  return [
    ...(await measureTokens(effort, endpoint)),
    ...(await measureStorms(effort, endpoint)),
    ...(await measureRequests(effort)),
    ...(await measureLockedProcesses(effort, endpoint)),
  ]
}

async function measureTokens(effort: Effort, endpoint: TokenEndpoint): Promise<Row[]> {
  const rows: Row[] = []
  const { tokens } = await signedIn()
  for (const { name, open } of peerTokens) {
    const peer = open(endpoint.url, await endpoint.signIn(), false)
    const [ours, theirs] = await inTurns(
      () => timeAwaited(() => tokens.getAccessToken(), calls),
      () => timeAwaited(() => peer.token(), calls),
      count(effort.calls),
    )
    peer.close()
    const head = { id: `peers.call.${name}`, what: 'await of a valid token', unit: 'ns' }
    rows.push(createRow(head, ours, { ratioTo: name, base: theirs, goal: faster(sameAwait) }))
  }
  await tokens.close()
  return rows
}

/** Callers in one process who find the token expired. */
async function measureStorms(effort: Effort, endpoint: TokenEndpoint): Promise<Row[]> {
  const rows: Row[] = []
  const tokens = await endpoint.signedIn()
  const storm = async (ask: () => Promise<unknown>): Promise<number> => {
    const began = performance.now()
    await Promise.all(Array.from({ length: callers }, ask))
    return performance.now() - began
  }
  for (const { name, open } of peerTokens) {
    const [ours, theirs] = await inTurns(
      async () => {
        const { accessToken: rejected } = await tokens.getAccessToken()
        return await storm(() => tokens.getAccessToken({ rejected }))
      },
      async () => {
        const peer = open(endpoint.url, await endpoint.signIn(), true)
        const ms = await storm(() => peer.token())
        peer.close()
        return ms
      },
      count(effort.storms),
    )
    const what = `until the last of ${callers.toLocaleString('en')} callers in one process has the new token`
    rows.push(
      createRow({ id: `peers.storm.${name}`, what, unit: 'ms' }, ours, {
        ratioTo: name,
        base: theirs,
        goal: faster(sameRequest),
      }),
    )
  }
  await tokens.close()
  return rows
}

async function measureRequests(effort: Effort): Promise<Row[]> {
  const rows: Row[] = []
  const api = startChild('./api-process.ts')
  const { url } = await api.receive<{ url: string }>('ready')
  const { tokens } = await signedIn()
  const { accessToken } = await tokens.getAccessToken()
  for (const { name, through, ours, theirs, otherwise } of peerRequests) {
    const [we, they] = [ours(url, tokens), theirs(url, accessToken)]
    const [samples, base] = await inTurns(
      () => cpuPerRequest(we),
      () => cpuPerRequest(they),
      count(effort.requests),
      effort.warmUps,
    )
    const head = { id: `peers.request.${name}`, what: `a GET with a valid token through ${through}`, unit: 'us of CPU' }
    rows.push(createRow(head, samples, { ratioTo: name, base, goal: faster(otherwise) }))
  }
  await tokens.close()
  await api.stop()
  return rows
}
