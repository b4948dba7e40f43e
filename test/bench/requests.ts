import { startChild } from './child.ts'
import { clients } from './clients.ts'
import { count, type Effort } from './effort.ts'
import { signedIn } from './hot-path.ts'
import { createRow, type Row } from './row.ts'

// Few, so that what disturbs one batch disturbs its neighbour too. The many pairs make up for it.
const perBatch = 40
const concurrency = 10

/** What an adapter costs a request whose token is valid: processor time of this process, the API being another one. */
export async function measureRequests(effort: Effort, only: string): Promise<Row[]> {
  const api = startChild('./api-process.ts')
  const { url } = await api.receive<{ url: string }>('ready')
  const { tokens } = await signedIn()
  const { accessToken } = await tokens.getAccessToken()
  const rows: Row[] = []
  for (const { name, bare, bearer, work } of clients) {
    for (const method of ['GET', 'POST'] as const) {
      const id = `hot.${name}.${method.toLowerCase()}`
      if (!id.startsWith(only) && !only.startsWith(id)) continue
      const [withIt, without] = [bearer(url, tokens), bare(url, `Bearer ${accessToken}`)]
      const [samples, base] = await inTurns(
        () => cpuPerRequest(() => withIt(method)),
        () => cpuPerRequest(() => without(method)),
        count(effort.requests),
        effort.warmUps,
      )
      rows.push(
        createRow({ id, what: `a ${method} by ${name} through withBearer`, unit: 'us of CPU' }, samples, {
          ratioTo: `${name} with the header set by hand`,
          base,
          goal: { goal: 1.02, goalOf: 'ratio', otherwise: work },
        }),
      )
    }
  }
  await tokens.close()
  await api.stop()
  return rows
}

/** Either first, alternately, so that neither always runs on what the other left behind. */
export async function inTurns(
  one: () => Promise<number>,
  other: () => Promise<number>,
  rounds: Iterable<number>,
  warmUps = 2,
): Promise<[number[], number[]]> {
  const samples: [number[], number[]] = [[], []]
  for (let n = 0; n < warmUps; n++) for (const warm of [one, other]) await warm()
  for (const n of rounds) {
    const first = n % 2 === 0
    const before = await (first ? one : other)()
    const after = await (first ? other : one)()
    samples[0].push(first ? before : after)
    samples[1].push(first ? after : before)
  }
  return samples
}

/**
 * Microseconds of processor time per request, ten at a time. No collection is asked for in between: it would throw away what is
 * compiled, and every batch would measure that.
 */
export async function cpuPerRequest(send: () => Promise<void>): Promise<number> {
  let left = perBatch
  const began = process.cpuUsage()
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await send()
    }),
  )
  const { user, system } = process.cpuUsage(began)
  return (user + system) / perBatch
}
