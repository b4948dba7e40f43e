import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemTiming } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { accessTokenIn, claim, inPlace, json, leftovers, put, record, set, systemError } from './place.ts'
import { elsewhere, hurried, occupy, somebody } from './section.ts'
import { type Step, stepping } from './steps.ts'

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
})

/** Something happens every time this store is about to compare. */
function twiceAlways(path: string, act: () => Promise<void>) {
  const operations = stepping(path, async (step) => {
    if (step === 'entered') await act()
  })
  return fileStore(path, { operations, pointer: '/mine' })
}
