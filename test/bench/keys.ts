import { createTokenManagers, memoryStore, type TokenStore } from '@tokenflight/core'
import { openEngines, openStore } from '../fleet/engine.ts'
import { startChild } from './child.ts'
import type { Effort } from './effort.ts'
import { createRow, quantile, type Row } from './row.ts'

/** Fewer weigh less than everything else. */
const fewestWeighed = 1_000
/** Of megabytes: a million of them do not fit into what Node takes for enough. */
const heap = '--max-old-space-size=8192'

/** One process with a great many credentials: what an idle one weighs, and how long each waits when all have to be refreshed. */
export async function measureKeys(effort: Effort): Promise<Row[]> {
  const rows: Row[] = []
  for (const keys of effort.keys) rows.push(...(await weighKeys(keys)))
  rows.push(...(await refreshAll('memory', effort.refreshes, memoryStore())))
  const engines = openEngines()
  try {
    const engine = await engines.open('redis')
    if (engine !== undefined) {
      const { store, close } = await openStore(engine)
      rows.push(...(await refreshAll('redis', effort.refreshes / 20, store)))
      await store.close?.()
      await close()
    }
  } finally {
    await engines.close()
  }
  return rows
}

async function weighKeys(keys: number): Promise<Row[]> {
  const child = startChild('./keys-process.ts', ['--expose-gc', heap])
  await child.receive('ready')
  const weighed = child.receive<{ bytes: number; nanoseconds: number }>('weighed')
  child.send({ keys })
  const { bytes, nanoseconds } = await weighed
  await child.stop()
  const name = keys.toLocaleString('en')
  const id = `keys.${keys}`
  const lookup = { id: `${id}.lookup`, what: `the valid token of one of ${name} keys`, unit: 'ns' }
  const idle = { id: `${id}.bytes`, what: `memory per idle key of ${name}, with its subscription`, unit: 'bytes' }
  const goal = { goal: 2_048, goalOf: 'median' } as const
  return [createRow(lookup, [nanoseconds]), ...(keys < fewestWeighed ? [] : [createRow(idle, [bytes], { goal })])]
}

/** All tokens are refused at the same moment; each token request takes one turn of the event loop. */
async function refreshAll(name: string, keys: number, store: TokenStore): Promise<Row[]> {
  let requests = 0
  const managers = createTokenManagers({
    store,
    maxIdle: keys,
    coolDown: 0,
    softWindow: false,
    claimTtl: 600_000,
    refreshTimeout: 300_000,
    async grant() {
      requests++
      await new Promise((resolve) => setImmediate(resolve))
      return { access_token: `new-${requests}`, refresh_token: `r-${requests}`, expires_in: 3600 }
    },
  })
  const all = Array.from({ length: keys }, (_, n) => `user-${n}`)
  for (let n = 0; n < keys; n += 1_000)
    await Promise.all(
      all
        .slice(n, n + 1_000)
        .map((key) => managers.for(key).setTokens({ access_token: 'old', refresh_token: 'r', expires_in: 3600 })),
    )
  const began = performance.now()
  const waits = await Promise.all(
    all.map(async (key) => {
      const { accessToken } = await managers.for(key).getAccessToken({ rejected: 'old' })
      if (accessToken === 'old') throw new Error(`${key} was not refreshed`)
      return performance.now() - began
    }),
  )
  const seconds = (performance.now() - began) / 1_000
  if (requests !== keys) throw new Error(`${requests} token requests for ${keys} keys`)
  await managers.close()
  const id = `keys.${name}`
  const count = keys.toLocaleString('en')
  return [
    createRow({ id: `${id}.throughput`, what: `refreshes of ${count} keys at once`, unit: 'per second' }, [
      keys / seconds,
    ]),
    createRow(
      { id: `${id}.fairness`, what: `the longest wait of ${count} keys, by the median one`, unit: 'times' },
      [quantile(waits, 1) / quantile(waits, 0.5)],
      { goal: { goal: 3, goalOf: 'median' } },
    ),
  ]
}
