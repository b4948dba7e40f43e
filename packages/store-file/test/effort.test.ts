import fs from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemTiming } from '@tokenflight/core'
import { type FileOperations, fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { claim, record, set, temporaryDirectory } from './place.ts'

// What does not depend on the machine: how often the file system is asked, and waited for.

/** Operations that count themselves; those of an open file as `file.sync` and so on, those of an open directory as `directory.sync`. */
function counted(directory: string) {
  const calls: Record<string, number> = {}
  const count = (name: string) => {
    calls[name] = (calls[name] ?? 0) + 1
  }
  const named = ['mkdir', 'readdir', 'realpath', 'rename', 'rmdir', 'stat', 'unlink'] as const
  const counting = (name: (typeof named)[number]) =>
    new Proxy(fs[name], {
      apply(operation, self, given) {
        count(name)
        return Reflect.apply(operation, self, given)
      },
    })
  const operations: Partial<FileOperations> = {
    ...Object.fromEntries(named.map((name) => [name, counting(name)])),
    async open(path, ...rest) {
      const kind = path === directory ? 'directory' : 'file'
      count(`${kind}.open`)
      return new Proxy(await fs.open(path, ...rest), {
        get(handle, name) {
          const value: unknown = Reflect.get(handle, name, handle)
          if (typeof value !== 'function' || typeof name !== 'string') return value
          return (...given: unknown[]) => {
            count(`${kind}.${name}`)
            return Reflect.apply(value, handle, given)
          }
        },
      })
    },
  }
  return {
    operations,
    async of(work: () => Promise<unknown>) {
      for (const name of Object.keys(calls)) delete calls[name]
      await work()
      return { ...calls }
    },
  }
}

async function scene() {
  const path = join(temporaryDirectory(), 'credentials.json')
  const { operations, of } = counted(dirname(path))
  const store = fileStore(path, { operations })
  // The first write looks for what dead processes have left.
  await set(store, record('old'))
  return { path, store, of }
}

const look = { 'file.open': 1, 'file.read': 1, 'file.stat': 1, 'file.close': 1 }

describe('a credential file asks of the file system', () => {
  test('for a look: open, read and stat, close; and for all who look in one turn of the event loop no more', async () => {
    const { store, of } = await scene()
    expect(await of(() => store.read('default'))).toEqual(look)
    expect(await of(() => Promise.all(Array.from({ length: 25 }, () => store.read('default'))))).toEqual(look)
  })

  test('for a look of its own where another one has begun: that one may be older than what was written since', async () => {
    const { path } = await scene()
    const [reading, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const store = fileStore(path, {
      operations: {
        async open(at, ...rest) {
          const handle = await fs.open(at, ...rest)
          const read = handle.read.bind(handle)
          const slow = async (...given: Parameters<typeof read>) => {
            const answer = await read(...given)
            reading.resolve()
            await goOn.promise
            return answer
          }
          return Object.assign(handle, { read: slow })
        },
      },
    })
    const early = store.read('default')
    await reading.promise
    await set(fileStore(path), record('new'))
    const late = store.read('default')
    goOn.resolve()
    expect((await early).record?.tokens?.accessToken).toBe('access-old')
    expect((await late).record?.tokens?.accessToken).toBe('access-new')
  })

  test('for a claim and its commit: two directories, three synced files, two synced renames, nothing twice', async () => {
    const { store, of } = await scene()
    const { version } = await store.read('default')
    const claimed = record('old', { claim: claim('c', store) })
    // Three looks, the entry made empty and filled inside, and beside that the space for the commit.
    expect(await of(() => store.compareAndSet('default', version, claimed))).toEqual({
      ...{ realpath: 1, readdir: 1, mkdir: 2, rename: 2, rmdir: 1 },
      ...{ 'file.open': 6, 'file.read': 3, 'file.stat': 4, 'file.close': 6 },
      ...{ 'file.writeFile': 2, 'file.truncate': 1, 'file.sync': 2 },
      ...{ 'directory.open': 1, 'directory.sync': 1, 'directory.close': 1 },
    })
    const { version: now } = await store.read('default')
    expect(await of(() => store.compareAndSet('default', now, record('new')))).toEqual({
      ...{ realpath: 1, rename: 2, rmdir: 1 },
      ...{ 'file.open': 3, 'file.read': 2, 'file.stat': 3, 'file.close': 3 },
      ...{ 'file.writeFile': 1, 'file.truncate': 1, 'file.sync': 1 },
      ...{ 'directory.open': 1, 'directory.sync': 1, 'directory.close': 1 },
    })
  })

  test('for a claim that comes too late: one look, and nothing is made', async () => {
    const { path, store, of } = await scene()
    const { version } = await store.read('default')
    await set(fileStore(path), record('new'))
    const late = () => store.compareAndSet('default', version, record('old', { claim: claim('c', store) }))
    expect(await of(late)).toEqual({ realpath: 1, ...look })
  })

  test('for a claim while another one is being written: two looks, and nothing is made or synced', async () => {
    const { path } = await scene()
    const [entered, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const first = fileStore(path, {
      operations: {
        async rename(from, to) {
          await fs.rename(from, to)
          if (!String(to).endsWith('.lock.held')) return
          entered.resolve()
          await told.promise
        },
      },
    })
    const { version } = await first.read('default')
    const winning = first.compareAndSet('default', version, record('old', { claim: claim('c', first) }))
    await entered.promise
    const { operations, of: losing } = counted(dirname(path))
    // It pauses until the other one is done.
    const after = (_ms: number, callback: () => void) => {
      told.resolve()
      void winning.then(callback)
      return () => {}
    }
    const store = fileStore(path, { operations, timing: { ...systemTiming, after } })
    const calls = await losing(async () => {
      const lost = store.compareAndSet('default', version, record('old', { claim: claim('d', store) }))
      expect(await lost).toEqual({ ok: false })
    })
    await first.close()
    expect(calls).toEqual({
      ...{ realpath: 1, readdir: 2 },
      ...{ 'file.open': 2, 'file.read': 2, 'file.stat': 2, 'file.close': 2 },
    })
  })

  test('for a claim that was put out while it was synced: the next time it is synced before it goes in', async () => {
    const { path } = await scene()
    const order: string[] = []
    const store = fileStore(path, {
      operations: {
        async rename(from, to) {
          if (String(to).endsWith('.lock.held')) order.push('enter')
          await fs.rename(from, to)
        },
        async open(at, ...rest) {
          const handle = await fs.open(at, ...rest)
          const sync = handle.sync.bind(handle)
          handle.sync = async () => {
            if (at !== dirname(path)) order.push(String(at).includes('.lock.held') ? 'sync inside' : 'sync')
            if (order.filter((step) => step === 'sync inside').length === 1) await putOut(`${path}.lock.held`)
            await sync()
          }
          return handle
        },
      },
    })
    await set(store, record('old', { claim: claim('c', store) }))
    await store.close()
    expect(order.filter((step) => step !== 'sync')).toEqual(['enter', 'sync inside', 'enter'])
    expect(order.slice(order.indexOf('sync inside')).slice(-2)).toEqual(['sync', 'enter'])
  })
})

/** As a process does that has waited for too long. */
async function putOut(lock: string): Promise<void> {
  // Two who come at once both mean the same.
  for (const entry of await fs.readdir(lock).catch(() => [])) await fs.rm(join(lock, entry), { force: true })
}
