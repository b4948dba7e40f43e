import { startChild } from './child.ts'
import { clients, type Send } from './clients.ts'
import type { Effort } from './effort.ts'
import { createRow, type Row } from './row.ts'
import type { TokenEndpoint } from './token-endpoint.ts'

const concurrency = 50
const tokenLasts = 1_000

/** Fifty callers at once on an API that refuses every token after a second, though it was said to last an hour. */
export async function measureRefusals(effort: Effort, endpoint: TokenEndpoint): Promise<Row[]> {
  const api = startChild('./api-process.ts')
  const { url } = await api.receive<{ url: string }>('ready')
  const ask = async <T>(order: object, answer: string) => {
    const reply = api.receive<T>(answer)
    api.send(order)
    return await reply
  }
  const rows: Row[] = []
  const { turns, ms } = effort.refusals
  for (const { name, bare, bearer } of clients) {
    const tokens = await endpoint.signedIn()
    const withIt = bearer(url, tokens)
    const without = bare(url, 'Bearer any')
    const [rates, base]: [number[], number[]] = [[], []]
    const [failures, perExpiry]: [number[], number[]] = [[], []]
    for (let n = 0; n < turns; n++) {
      await ask({ type: 'refuse', after: Number.MAX_SAFE_INTEGER }, 'refuses')
      base.push((await sendFor(ms, without)).rate)
      await ask({ type: 'refuse', after: tokenLasts }, 'refuses')
      await ask({ type: 'count' }, 'counted')
      const before = await endpoint.counts()
      const { rate, failed } = await sendFor(ms, withIt)
      const { tokens: seen } = await ask<{ tokens: number }>({ type: 'count' }, 'counted')
      const after = await endpoint.counts()
      rates.push(rate)
      failures.push(failed)
      // The first of them is left over from before.
      perExpiry.push((after.tokenRequests - before.tokenRequests) / Math.max(1, seen - 1))
    }
    await tokens.close()
    const id = `refusals.${name}`
    rows.push(
      createRow(
        { id, what: `requests by ${name} while tokens are refused after a second`, unit: 'per second' },
        rates,
        {
          ratioTo: `${name} where nothing is refused`,
          base,
        },
      ),
      createRow({ id: `${id}.failures`, what: 'requests that failed', unit: 'requests' }, failures, {
        goal: { goal: 0, goalOf: 'median' },
      }),
      createRow({ id: `${id}.requests`, what: 'token requests per refused token', unit: 'requests' }, perExpiry, {
        goal: { goal: 1, goalOf: 'median' },
      }),
    )
  }
  await api.stop()
  return rows
}

async function sendFor(ms: number, send: Send): Promise<{ rate: number; failed: number }> {
  const began = performance.now()
  let [done, failed] = [0, 0]
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() - began < ms)
        await send('GET').then(
          () => done++,
          () => failed++,
        )
    }),
  )
  return { rate: done / ((performance.now() - began) / 1_000), failed }
}
