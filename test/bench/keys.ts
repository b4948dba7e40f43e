import { createTokenManagers, memoryStore, type TokenRecord, type TokenStore } from '@tokenflight/core'
import { openEngines, openStore } from '../fleet/engine.ts'
import type { Effort } from './effort.ts'
import { createRow, quantile, type Row } from './row.ts'

/** One process with a great many credentials: what an idle one weighs, and how long each waits when all have to be refreshed. */
export async function measureKeys(effort: Effort): Promise<Row[]> {
  const weights = [await weighKeys(effort.keys), await weighKeys(effort.keys), await weighKeys(effort.keys)]
  const rows = [
    createRow({ id: 'keys.idle.bytes', what: 'memory per idle key, with its subscription', unit: 'bytes' }, weights, {
      goal: { goal: 2_048, goalOf: 'median' },
    }),
  ]
  rows.push(...(await refreshAll('memory', effort.keys, memoryStore())))
  const engines = openEngines()
  try {
    const engine = await engines.open('redis')
    if (engine !== undefined) {
      const { store, close } = await openStore(engine)
      rows.push(...(await refreshAll('redis', effort.keys / 20, store)))
      await store.close?.()
      await close()
    }
  } finally {
    await engines.close()
  }
  return rows
}

/** Credentials of 40 characters a token, in a store outside of this process as far as memory goes. */
async function weighKeys(keys: number): Promise<number> {
  const store = remoteStore()
  const managers = createTokenManagers({ store, grant: () => Promise.reject(new Error('none')), maxIdle: keys })
  const ask = (n: number) => managers.for(`user-${n}`).getAccessToken()
  await ask(0)
  const before = await weigh()
  for (let n = 0; n < keys; n += 1_000) await Promise.all(Array.from({ length: 1_000 }, (_, m) => ask(n + m)))
  const bytes = ((await weigh()) - before) / keys
  if (managers.stats().credentials !== keys) throw new Error('not all of them are in memory')
  await managers.close()
  return bytes
}

async function weigh(): Promise<number> {
  for (let n = 0; n < 3; n++) {
    await new Promise((resolve) => setImmediate(resolve))
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

function remoteStore(): TokenStore {
  const listeners = new Map<string, () => void>()
  const record = (key: string): TokenRecord => ({
    tokens: {
      ...{ accessToken: `at-${key}`.padEnd(40, '.'), refreshToken: `rt-${key}`.padEnd(40, '.'), tokenType: 'Bearer' },
      ...{ expiresAt: Date.now() + 3_600_000, obtainedAt: Date.now() },
    },
    ...{ revision: 1, generation: 1, refreshAt: Date.now() + 1_800_000 },
  })
  return {
    read: async (key) => ({ record: JSON.parse(JSON.stringify(record(key))), version: '1' }),
    compareAndSet: async () => ({ ok: false }),
    watch(key, listener) {
      listeners.set(key, listener)
      return () => listeners.delete(key)
    },
  }
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
