import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { systemTiming, type Timing } from '@tokenflight/core'
import { type FileOperations, fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { accessTokenIn, claim, json, leftovers, put, record, set, systemError, temporaryDirectory } from './place.ts'
import { type Step, stepping } from './steps.ts'

/** Waits that take no time, and how long they would have been. */
function hurried(): Timing & { waited: number } {
  const timing = {
    ...systemTiming,
    waited: 0,
    after(ms: number, callback: () => void) {
      timing.waited += ms
      const immediate = setImmediate(callback)
      return () => clearImmediate(immediate)
    },
  }
  return timing
}

const inPlace = () => join(temporaryDirectory(), 'credentials.json')
const somebody = (host: string): string => `1-1-${host}-${'0'.repeat(18)}`
const elsewhere = '0123456789abcdef'

/** As if this owner sat in the critical section of `path`. */
function occupy(path: string, owner: string, content = '{}'): string {
  const lock = `${path}.lock.held`
  mkdirSync(lock, { recursive: true })
  writeFileSync(join(lock, owner), content)
  return lock
}

function twice(path: string, mutexTimeout: number, act: (step: Step) => Promise<void>) {
  let acting = true
  const operations = stepping(path, async (step) => {
    if (!acting) return
    acting = step !== 'compared'
    await act(step)
  })
  return fileStore(path, { operations, mutexTimeout })
}

describe('S5 the critical section', () => {
  test('a zombie, overtaken between its compare and its publish, changes nothing and says so', async () => {
    const path = inPlace()
    const other = fileStore(path, { mutexTimeout: 5 })
    await set(other, record('old'))
    const zombie = twice(path, 2000, async (step) => {
      if (step === 'compared') await set(other, record('newer', { revision: 2 }))
    })
    const { version } = await zombie.read('default')
    expect(await zombie.compareAndSet('default', version, record('zombie', { revision: 2 }))).toEqual({ ok: false })
    expect(await accessTokenIn(other)).toBe('access-newer')
    expect(leftovers(dirname(path))).toEqual([])
  })

  test('S6 what a program that takes no part writes while a claim is being synced is not overwritten by it', async () => {
    const path = inPlace()
    await set(fileStore(path), record('old'))
    const foreign = { access_token: 'foreign', refresh_token: 'foreign-rotated' }
    const store = fileStore(path, {
      operations: {
        async open(at, ...rest) {
          const handle = await fs.open(at, ...rest)
          if (!String(at).includes('.lock.held')) return handle
          const sync = handle.sync.bind(handle)
          handle.sync = async () => {
            await sync()
            put(path, foreign)
          }
          return handle
        },
      },
    })
    const { version } = await store.read('default')
    const claimed = record('old', { revision: 2, claim: claim('c', store) })
    expect(await store.compareAndSet('default', version, claimed)).toEqual({ ok: false })
    expect(json(path)).toEqual(foreign)
    expect(leftovers(dirname(path))).toEqual([])
    await store.close()
  })

  test('a zombie that was put out although nothing changed has another try', async () => {
    const path = inPlace()
    await set(fileStore(path), record('old'))
    const zombie = twice(path, 2000, async (step) => {
      if (step === 'compared') rmSync(`${path}.lock.held`, { recursive: true })
    })
    const { version } = await zombie.read('default')
    expect(await zombie.compareAndSet('default', version, record('zombie', { revision: 2 }))).toMatchObject({
      ok: true,
    })
    expect(await accessTokenIn(zombie)).toBe('access-zombie')
  })

  test('a publish that a file server did although it says "not found" is recognised by its bytes', async () => {
    const path = inPlace()
    const store = fileStore(path, {
      operations: {
        async rename(from, to) {
          await fs.rename(from, to)
          if (to === path) throw systemError('ENOENT')
        },
      },
    })
    expect(await store.compareAndSet('default', 'absent', record('1'))).toMatchObject({ ok: true })
    expect(await accessTokenIn(store)).toBe('access-1')
  })

  test('an owner that cannot be judged has its full time, then is put out', async () => {
    const path = inPlace()
    occupy(path, somebody(elsewhere))
    const timing = hurried()
    await set(fileStore(path, { mutexTimeout: 500, timing }), record('1'))
    expect(timing.waited).toBeGreaterThan(500)
    expect(timing.waited).toBeLessThan(600)
    expect(leftovers(dirname(path))).toEqual([])
  })

  test('an owner that left a name we never gave is put out like any other', async () => {
    const path = inPlace()
    occupy(path, '.DS_Store')
    await set(fileStore(path, { timing: hurried() }), record('1'))
    expect(await accessTokenIn(fileStore(path))).toBe('access-1')
  })

  test('an owner in whose place a directory lies cannot be put out: an error names it in the end', async () => {
    const path = inPlace()
    mkdirSync(join(`${path}.lock.held`, 'odd'), { recursive: true })
    const timing = hurried()
    await expect(set(fileStore(path, { timing }), record('1'))).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining(`others kept ${path}.lock.held for 30 seconds`),
    })
    expect(timing.waited).toBeLessThan(31_000)
    expect(readdirSync(dirname(path))).toEqual(['credentials.json.lock.held'])
  })

  test('whoever waits for nothing goes: a changed file ends the wait', async () => {
    const path = inPlace()
    const store = fileStore(path, {
      timing: {
        ...systemTiming,
        after(ms, callback) {
          put(path, { access_token: 'theirs' })
          return systemTiming.after(ms, callback)
        },
      },
    })
    const { version } = await store.read('default')
    occupy(path, somebody(elsewhere))
    expect(await store.compareAndSet('default', version, record('1'))).toEqual({ ok: false })
    expect(json(path)).toEqual({ access_token: 'theirs' })
    expect(readdirSync(`${path}.lock.held`)).toEqual([somebody(elsewhere)])
  })

  test('each owner has its own full time: many that come and go are nobody to be put out', async () => {
    const path = inPlace()
    const owners = Array.from({ length: 400 }, (_, index) => somebody(elsewhere).replace(/0{4}$/, String(1000 + index)))
    let current = somebody(elsewhere)
    const lock = occupy(path, current)
    const timing = hurried()
    const { after } = timing
    timing.after = (ms, callback) => {
      // Whoever was inside has finished and the next one has come in.
      expect(readdirSync(lock)).toEqual([current])
      const next = owners.shift()
      rmSync(join(lock, current))
      if (next !== undefined) writeFileSync(join(lock, next), '{}')
      current = next ?? ''
      return after(ms, callback)
    }
    await set(fileStore(path, { mutexTimeout: 200, timing }), record('1'))
    expect(owners).toEqual([])
    expect(timing.waited).toBeGreaterThan(200)
  })

  test('an empty lock directory is free at once, also where a directory never replaces another (Windows)', async () => {
    const path = inPlace()
    const lock = `${path}.lock.held`
    mkdirSync(lock)
    const timing = hurried()
    const store = fileStore(path, {
      timing,
      operations: {
        async rename(from, to) {
          if (to === lock && existsSync(lock)) throw systemError('EPERM')
          await fs.rename(from, to)
        },
      },
    })
    await set(store, record('1'))
    expect(timing.waited).toBe(0)
  })

  test('a file that is half written while we wait does not end the wait', async () => {
    const path = put(inPlace(), { access_token: 'old' })
    const contents = ['{"access', '{"access_token":"old"}']
    const store = fileStore(path, {
      timing: {
        ...systemTiming,
        after(ms, callback) {
          put(path, contents.shift() ?? '{"access_token":"old"}')
          if (contents.length === 0) rmSync(`${path}.lock.held`, { recursive: true, force: true })
          return systemTiming.after(ms, callback)
        },
      },
    })
    const { version } = await store.read('default')
    occupy(path, somebody(elsewhere))
    expect(await store.compareAndSet('default', version, record('1'))).toMatchObject({ ok: true })
  })

  test('a private directory that somebody removed is made again', async () => {
    const path = inPlace()
    let removed = 0
    const store = fileStore(path, {
      operations: {
        async rename(from, to) {
          if (removed++ === 0) await fs.rm(String(from), { recursive: true })
          await fs.rename(from, to)
        },
      },
    })
    await set(store, record('1'))
    expect(removed).toBe(3)
  })

  test('a program that rewrites the file all the time is named as the trouble, not waited for without end', async () => {
    const path = put(inPlace(), { beside: 0, mine: {} })
    let writes = 0
    const store = twiceAlways(path, async () => void put(path, { beside: ++writes, mine: {} }))
    await expect(set(store, record('1'))).rejects.toMatchObject({
      message: expect.stringContaining('it changed during each of 100 attempts'),
    })
    expect(writes).toBe(100)
    expect(leftovers(dirname(path))).toEqual([])
  })

  test('a commit in the way of another writer is moved, not removed, while its claim stands', async () => {
    const path = inPlace()
    const store = fileStore(path, { timing: hurried() })
    await set(store, record('old', { claim: claim('c') }))
    const wanted = record('new', { revision: 2, kept: { claimId: 'c', presentation: 1 } })
    const scratch = inPlace()
    await set(fileStore(scratch), wanted)
    const owner = somebody(elsewhere)
    occupy(path, owner, JSON.stringify(json(scratch)))
    // In its way already, from a crash in the middle of the same.
    mkdirSync(`${path}.lock.${owner}`)
    expect(await store.salvage('default', 'c')).toEqual(wanted)
    await set(store, record('old', { revision: 2, claim: claim('c') }))
    expect(leftovers(dirname(path))).toEqual([`credentials.json.lock.${owner}`])
    expect(await store.salvage('default', 'c')).toEqual(wanted)
  })

  test('a commit is not removed either while another program is writing the file', async () => {
    const path = inPlace()
    const scratch = inPlace()
    await set(fileStore(scratch), record('new', { kept: { claimId: 'c', presentation: 1 } }))
    const content = JSON.stringify({ access_token: 'old' })
    const store = fileStore(put(path, content), {
      timing: {
        ...hurried(),
        after(_ms, callback) {
          // From the moment at which the owner is put out.
          put(path, content.slice(0, 9))
          return systemTiming.after(0, callback)
        },
      },
      mutexTimeout: 0.1,
      operations: {
        async mkdir(given, options) {
          await fs.mkdir(given, options)
          if (String(given).endsWith(owner)) put(path, content)
          return undefined
        },
      },
    })
    const owner = somebody(elsewhere)
    occupy(path, owner, JSON.stringify(json(scratch)))
    await set(store, record('signed-in', { revision: 2 }))
    expect(leftovers(dirname(path))).toEqual([`credentials.json.lock.${owner}`])
  })

  test.for([
    ['mkdir', 'ENOSPC'],
    ['rename', 'EIO'],
    ['rename', 'ENOENT'],
  ] as const)('a commit that cannot be moved (%s: %s) is not removed either', async ([name, code]) => {
    const path = inPlace()
    await set(fileStore(path), record('old', { claim: claim('c') }))
    const scratch = inPlace()
    await set(fileStore(scratch), record('new', { kept: { claimId: 'c', presentation: 1 } }))
    const owner = somebody(elsewhere)
    const lock = occupy(path, owner, JSON.stringify(json(scratch)))
    let refusals = 1
    const refusing = async (from: unknown): Promise<void> => {
      if (
        String(name === 'mkdir' ? from : dirname(String(from))).endsWith(name === 'mkdir' ? owner : '.held') &&
        refusals-- > 0
      )
        throw systemError(code)
    }
    const operations: Partial<FileOperations> = {
      mkdir: (async (given: string, options: object) => {
        if (name === 'mkdir') await refusing(given)
        return fs.mkdir(given, options)
      }) as typeof fs.mkdir,
      async rename(from, to) {
        if (name === 'rename') await refusing(from)
        await fs.rename(from, to)
      },
    }
    const written = set(
      fileStore(path, { operations, timing: hurried() }),
      record('old', { revision: 2, claim: claim('c') }),
    )
    if (name === 'mkdir') {
      await expect(written).rejects.toMatchObject({ message: expect.stringContaining('ENOSPC') })
      expect(readdirSync(lock)).toEqual([owner])
    } else {
      await written
      expect((await fileStore(path).salvage('default', 'c'))?.tokens?.accessToken).toBe('access-new')
    }
  })
})

/** Something happens every time this store is about to compare. */
function twiceAlways(path: string, act: () => Promise<void>) {
  const operations = stepping(path, async (step) => {
    if (step === 'entered') await act()
  })
  return fileStore(path, { operations, pointer: '/mine' })
}

describe('S6 renames that Windows refuses while somebody looks', () => {
  const codes = ['EPERM', 'EACCES', 'EBUSY']

  function refusing(path: string, which: 'enter' | 'publish', code: string, times: number) {
    let left = times
    const timing = hurried()
    const store = fileStore(path, {
      timing,
      operations: {
        async rename(from, to) {
          const publishes = String(to) === path
          if (publishes === (which === 'publish') && left-- > 0) throw systemError(code)
          await fs.rename(from, to)
        },
      },
    })
    return { store, timing }
  }

  test.for(codes.flatMap((code) => [['enter', code] as const, ['publish', code] as const]))(
    'are tried again: %s, %s',
    async ([which, code]) => {
      const path = inPlace()
      const { store } = refusing(path, which, code, 20)
      await set(store, record('1'))
      expect(await accessTokenIn(store)).toBe('access-1')
      expect(leftovers(dirname(path))).toEqual([])
    },
  )

  test.for(codes.flatMap((code) => [['enter', code] as const, ['publish', code] as const]))(
    'are given up after two seconds, with nothing lost: %s, %s',
    async ([which, code]) => {
      const path = put(inPlace(), { access_token: 'old' })
      const { store, timing } = refusing(path, which, code, Number.POSITIVE_INFINITY)
      await expect(set(store, record('1'))).rejects.toMatchObject({
        code: 'store_failed',
        message: expect.stringContaining(`(${code})`),
      })
      expect(timing.waited).toBeGreaterThan(2000)
      expect(timing.waited).toBeLessThan(2200)
      expect(await accessTokenIn(fileStore(path))).toBe('old')
      expect(leftovers(dirname(path))).toEqual([])
    },
  )

  test('any other refusal is an error at once', async () => {
    const path = inPlace()
    for (const which of ['enter', 'publish'] as const) {
      const { store, timing } = refusing(path, which, 'EIO', 1)
      await expect(set(store, record('1'))).rejects.toMatchObject({ message: expect.stringContaining('(EIO)') })
      expect(timing.waited).toBe(0)
    }
    expect(readdirSync(dirname(path))).toEqual([])
  })

  test('a lock of another user that cannot be looked into is waited for, never removed', async () => {
    const path = inPlace()
    occupy(path, somebody(elsewhere))
    const timing = hurried()
    let looks = 0
    const unlinked: string[] = []
    const store = fileStore(path, {
      timing,
      operations: {
        readdir: (async (given: string) => {
          if (basename(given) === 'credentials.json.lock.held' && looks++ >= 0) throw systemError('EACCES')
          return fs.readdir(given)
        }) as unknown as typeof fs.readdir,
        async unlink(given) {
          unlinked.push(String(given))
          await fs.unlink(given)
        },
      },
    })
    await expect(set(store, record('1'))).rejects.toMatchObject({ message: expect.stringContaining('for 30 seconds') })
    expect(unlinked.filter((given) => given.includes('.held'))).toEqual([])
    expect(looks).toBeGreaterThan(1000)
  })

  test('a lock that cannot be listed for another reason is an error', async () => {
    const path = inPlace()
    occupy(path, somebody(elsewhere))
    const readdir = (() => Promise.reject(systemError('EIO'))) as unknown as typeof fs.readdir
    await expect(set(fileStore(path, { operations: { readdir } }), record('1'))).rejects.toMatchObject({
      message: expect.stringContaining('(EIO)'),
    })
  })
})
