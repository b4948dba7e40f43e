import { createTokenManagers, type TokenRecord, type TokenStore } from '@tokenflight/core'
import { serveParent } from './child.ts'

// One process with a great many credentials: what an idle one weighs, and how long it takes to get at one of them.

const lookups = 50_000

const say = serveParent(
  ({ keys }: { keys: number }) => void weighKeys(keys).then((weight) => say({ type: 'weighed', ...weight })),
)
say({ type: 'ready' })

/** Credentials of 40 characters a token, in a store outside of this process as far as memory goes. */
async function weighKeys(keys: number): Promise<{ bytes: number; nanoseconds: number }> {
  const store = remoteStore()
  const managers = createTokenManagers({ store, grant: () => Promise.reject(new Error('none')), maxIdle: keys + 1 })
  const ask = (n: number) => managers.for(`user-${n}`).getAccessToken()
  await managers.for('first').getAccessToken()
  const before = await weigh()
  for (let n = 0; n < keys; n += 1_000)
    await Promise.all(Array.from({ length: Math.min(1_000, keys - n) }, (_, m) => ask(n + m)))
  const bytes = ((await weigh()) - before) / keys
  if (managers.stats().credentials !== keys + 1) throw new Error('not all of them are in memory')
  const asked = Array.from({ length: lookups }, (_, n) => `user-${(n * 7_919) % keys}`)
  const began = process.hrtime.bigint()
  for (const key of asked) void managers.for(key).getAccessToken()
  const nanoseconds = Number(process.hrtime.bigint() - began) / lookups
  await managers.close()
  return { bytes, nanoseconds }
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
