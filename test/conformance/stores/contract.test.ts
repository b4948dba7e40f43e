import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore, type TokenStore } from '@tokenflight/core'
import { type StoreFixture, storeContract } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import { checkThenWriteStore } from './check-then-write-process.ts'

async function broken(fixture: StoreFixture, ...names: string[]): Promise<string[]> {
  const failed: string[] = []
  for (const { name, run } of storeContract(fixture)) {
    if (names.length > 0 && !names.some((part) => name.includes(part))) continue
    await run().catch((error: Error) => failed.push(`${name}: ${error.message}`))
  }
  return failed
}

/** A sound store with one mistake. */
const mistaken = (mistake: (store: TokenStore) => Partial<TokenStore>) => ({
  create() {
    const store = memoryStore()
    return { store: { ...store, ...mistake(store) } }
  },
})

describe('S1 the store contract finds out', () => {
  test('a store that does not compare', async () => {
    const fixture = mistaken((store) => ({
      async compareAndSet(key, version, record) {
        const set = await store.compareAndSet(key, version, record)
        return set.ok ? set : store.compareAndSet(key, (await store.read(key)).version, record)
      },
    }))
    expect((await broken(fixture)).join('\n')).toMatch(/\d+ of 30 racers succeeded[\s\S]*no longer current/)
  })

  test('a store whose version is only its content', async () => {
    const versionOf = async (store: TokenStore, key: string) => JSON.stringify((await store.read(key)).record ?? null)
    const fixture = mistaken((store) => ({
      read: async (key) => ({ record: (await store.read(key)).record, version: await versionOf(store, key) }),
      async compareAndSet(key, version, record) {
        const { version: inner } = await store.read(key)
        if ((await versionOf(store, key)) !== version) return { ok: false }
        const set = await store.compareAndSet(key, inner, record)
        return set.ok ? { ok: true, version: await versionOf(store, key) } : set
      },
    }))
    expect((await broken(fixture)).join('\n')).toMatch(/content that returns[\s\S]*over delete and re-create/)
  })

  test('a store that hands out the objects it keeps', async () => {
    const kept = new Map<string, { record: never; version: string }>()
    const fixture = {
      create() {
        kept.clear()
        let writes = 0
        const store: TokenStore = {
          read: async (key) => kept.get(key) ?? { record: undefined, version: `absent-${writes}` },
          async compareAndSet(key, version, record) {
            if ((await store.read(key)).version !== version) return { ok: false }
            const next = String(++writes)
            if (record === undefined) kept.delete(key)
            else kept.set(key, { record: record as never, version: next })
            return { ok: true, version: (await store.read(key)).version }
          },
        }
        return { store }
      },
    }
    expect(await broken(fixture, 'do to their objects')).toHaveLength(1)
  })

  test('a store that forgets a field', async () => {
    const fixture = mistaken((store) => ({
      compareAndSet: (key, version, record) =>
        store.compareAndSet(key, version, record && { ...record, refreshAt: Number.NaN }),
    }))
    expect((await broken(fixture))[0]).toContain('what was written is what is read')
  })

  test('a store that mixes its keys', async () => {
    const fixture = mistaken((store) => ({
      read: (key) => store.read(key.toLowerCase()),
      compareAndSet: (key, version, record) => store.compareAndSet(key.toLowerCase(), version, record),
    }))
    expect(await broken(fixture)).toEqual([expect.stringContaining('keys do not see each other')])
  })

  test('a store that never hints, and one that hints at those who left', async () => {
    const never = mistaken(() => ({ watch: () => () => {} }))
    expect((await broken(never, 'hinted to those who watch')).join()).toContain('no hint of 10 changes')
    const forever = mistaken((store) => ({
      watch(key, listener) {
        store.watch?.(key, listener)
        return () => {}
      },
    }))
    expect((await broken(forever, 'unsubscribed')).join()).toContain('after it had unsubscribed')
  })

  test('a store that calls everybody dead', async () => {
    const fixture = mistaken(() => ({ holderState: async () => 'dead' as const }))
    expect((await broken(fixture, 'proven dead')).join()).toContain('unknown host')
  })

  test('a store that says "absent" when it is out of reach, and one that swallows a lost reply', async () => {
    let down = false
    const fixture: StoreFixture = {
      create() {
        const store = memoryStore()
        return {
          store: {
            ...store,
            read: async (key) => (down ? { record: undefined, version: 'absent' } : store.read(key)),
            async compareAndSet(key, version, record) {
              if (down) throw new Error('out of reach')
              return store.compareAndSet(key, version, record)
            },
          },
        }
      },
      async interrupt() {
        down = true
        return () => {
          down = false
        }
      },
      loseNextReply() {},
    }
    const failed = (await broken(fixture, 'out of reach', 'reply was lost')).join('\n')
    expect(failed).toContain('read() resolved although the store was out of reach')
    expect(failed).toContain('resolved although its reply was lost')
  })

  test('two processes that write what neither has checked', async () => {
    const root = mkdtempSync(join(tmpdir(), 'tokenflight-contract-'))
    try {
      const failed = await broken(
        {
          oneKey: true,
          create: () => ({ store: checkThenWriteStore(join(root, 'credentials.json')) }),
          processes: () => ({
            module: new URL('./check-then-write-process.ts', import.meta.url),
            args: [join(root, 'credentials.json')],
            execArgv: ['--conditions=@tokenflight/source'],
          }),
        },
        'six processes that increment at once',
      )
      expect(failed.join()).toMatch(/two writers succeeded on one version \(seed \d+/)
    } finally {
      rmSync(root, { recursive: true })
    }
  })

  test('processes that share nothing, though each blocks its thread while it writes', async () => {
    const fixture: StoreFixture = {
      create: () => ({ store: memoryStore() }),
      processes: () => ({
        module: new URL('./blocking-process.ts', import.meta.url),
        execArgv: ['--conditions=@tokenflight/source'],
      }),
    }
    const failed = await broken(fixture, 'six processes that increment at once')
    expect(failed.join()).toMatch(/two writers succeeded on one version/)
  })
})
