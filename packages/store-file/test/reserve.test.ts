import { lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import fs from 'node:fs/promises'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { claim, leftovers, put, record, set, systemError, temporaryDirectory, tokens } from './place.ts'

/** The files that hold reserved space. */
const reserved = (directory: string) =>
  leftovers(directory).flatMap((name) =>
    readdirSync(join(directory, name)).map((entry) => join(directory, name, entry)),
  )

describe('R3 the space for a commit is taken before its claim is made', () => {
  test('a claim of this process reserves it, its commit is written into it, and then it is gone', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    const store = fileStore(path)
    await set(store, record('old'))
    expect(reserved(directory)).toEqual([])
    await set(store, record('old', { claim: claim('c', store) }))
    const [spare = ''] = reserved(directory)
    expect(statSync(spare)).toMatchObject({ size: 8192 })
    expect(statSync(spare).mode & 0o777).toBe(0o600)
    const { ino } = lstatSync(spare)
    await set(store, record('new'))
    expect(lstatSync(path).ino).toBe(ino)
    expect(readFileSync(path, 'utf8')).toMatch(/\}\n$/)
    expect(leftovers(directory)).toEqual([])
  })

  test('several managers on one store share it, the loser of a claim takes nothing from the winner, and nothing is left', async () => {
    const directory = temporaryDirectory()
    const store = fileStore(join(directory, 'credentials.json'))
    for (let round = 0; round < 10; round++) {
      await set(store, record('old'))
      const { version } = await store.read('default')
      const claims = ['a', 'b', 'c', 'd'].map((id) =>
        store.compareAndSet('default', version, record('old', { claim: claim(id, store) })),
      )
      expect((await Promise.all(claims)).filter(({ ok }) => ok)).toHaveLength(1)
      expect(reserved(directory)).toHaveLength(1)
      await set(store, record('new'))
      expect(leftovers(directory)).toEqual([])
    }
  })

  test('a claim renewed keeps it, one for longer tokens takes more', async () => {
    const directory = temporaryDirectory()
    const store = fileStore(join(directory, 'credentials.json'))
    await set(store, record('old', { claim: claim('c', store) }))
    const first = reserved(directory)
    await set(store, record('old', { claim: claim('d', store) }))
    expect(reserved(directory)).toEqual(first)
    await set(
      store,
      record('old', { tokens: tokens('old', { extra: { big: 'x'.repeat(10_000) } }), claim: claim('e', store) }),
    )
    const [larger = ''] = reserved(directory)
    expect(reserved(directory)).toHaveLength(1)
    expect(statSync(larger).size).toBe(16_384)
    await store.close()
  })

  test.for(['of another process', 'whose outcome is unknown'])(
    'a claim %s reserves nothing, and gives back',
    async (which) => {
      const directory = temporaryDirectory()
      const store = fileStore(join(directory, 'credentials.json'))
      await set(store, record('old', { claim: claim('c', store) }))
      const next = which === 'of another process' ? claim('d') : { ...claim('c', store), inDoubt: true as const }
      await set(store, record('old', { claim: next }))
      expect(leftovers(directory)).toEqual([])
    },
  )

  test('a claim that does not come about gives it back', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    await set(fileStore(path), record('old'))
    const other = fileStore(path)
    const late = fileStore(path, {
      operations: {
        async rename(from, to) {
          if (String(to).endsWith('.held')) await set(other, record('other'))
          await fs.rename(from, to)
        },
      },
    })
    const { version } = await late.read('default')
    const claimed = record('old', { claim: claim('c', late) })
    expect(await late.compareAndSet('default', version, claimed)).toEqual({ ok: false })
    expect(leftovers(directory)).toEqual([])

    const failing = fileStore(path, { operations: { rename: () => Promise.reject(systemError('EIO')) } })
    await expect(set(failing, claimed)).rejects.toMatchObject({ code: 'store_failed' })
    expect(leftovers(directory)).toEqual([])
  })

  test.each(['the sync of its directory', 'the rename that made it'])(
    'a claim that stands although %s failed keeps it: its commit finds room on a disk that is full by then',
    async (which) => {
      const directory = temporaryDirectory()
      const path = join(directory, 'credentials.json')
      await set(fileStore(path), record('old'))
      let faulty = true
      const store = fileStore(path, {
        operations: {
          async open(given, ...rest) {
            if (given === directory && faulty && which.startsWith('the sync')) throw systemError('EIO')
            if (!faulty && rest[0] === 'wx') throw systemError('ENOSPC')
            return fs.open(given, ...rest)
          },
          async rename(from, to) {
            await fs.rename(from, to)
            if (to === path && faulty && which.startsWith('the rename')) throw systemError('EIO')
          },
        },
      })
      const claimed = record('old', { claim: claim('c', store), revision: 2 })
      await expect(set(store, claimed)).rejects.toMatchObject({ message: expect.stringContaining('(EIO)') })
      expect((await store.read('default')).record).toEqual(claimed)
      expect(reserved(directory)).toHaveLength(1)

      faulty = false
      await set(store, record('new', { revision: 3 }))
      expect((await fileStore(path).read('default')).record).toEqual(record('new', { revision: 3 }))
      expect(leftovers(directory)).toEqual([])
    },
  )

  test('reserved space that somebody removed, or that fails, does not stand in the way', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    let failure: string | undefined
    const store = fileStore(path, {
      operations: {
        async open(given, flags, ...rest) {
          if (flags === 'r+' && failure !== undefined) throw systemError(failure)
          return fs.open(given, flags, ...rest)
        },
      },
    })
    await set(store, record('old', { claim: claim('c', store) }))
    for (const name of leftovers(directory)) rmSync(join(directory, name), { recursive: true })
    await set(store, record('new', { revision: 2 }))

    await set(store, record('new', { claim: claim('d', store) }))
    failure = 'EIO'
    await expect(set(store, record('newer', { revision: 3 }))).rejects.toMatchObject({
      message: expect.stringContaining('(EIO)'),
    })
    expect(leftovers(directory)).toEqual([])
    await set(store, record('newer', { revision: 3 }))
    expect((await store.read('default')).record).toEqual(record('newer', { revision: 3 }))
  })

  test('space that is reserved, or half written, is never salvaged', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    const store = fileStore(path)
    await set(store, record('old', { claim: claim('c', store) }))
    const [spare = ''] = reserved(directory)
    expect(await store.salvage('default', 'c')).toBeUndefined()

    const scratch = join(temporaryDirectory(), 'credentials.json')
    const committed = record('new', { kept: { claimId: 'c', presentation: 1 } })
    await set(fileStore(scratch), committed)
    const content = readFileSync(scratch, 'utf8')
    const padded = (text: string) => text.padEnd(8192)
    for (let cut = 0; cut < content.length - 3; cut += 40) {
      put(spare, padded(content.slice(0, cut)))
      expect(await store.salvage('default', 'c')).toBeUndefined()
    }
    put(spare, padded(content.replace('access-new', 'access-odd')))
    expect(await store.salvage('default', 'c')).toBeUndefined()
    // Written in full and not yet cut to its length.
    put(spare, padded(content))
    expect(await store.salvage('default', 'c')).toEqual(committed)
    await store.close()
    expect(await store.salvage('default', 'c')).toBeUndefined()
    expect(await fileStore(join(directory, 'none', 'x.json')).salvage('default', 'c')).toBeUndefined()
  })
})
