import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemTiming } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { start } from './child.ts'
import { leftovers, record, set, temporaryDirectory } from './place.ts'

describe('S5 what killed processes leave behind', () => {
  /** What a process had prepared: named as it names it, seen from the process that owns `like`. */
  function leave(directory: string, owner: string, content = '{}'): string {
    const name = `credentials.json.lock.${owner}`
    mkdirSync(join(directory, name))
    writeFileSync(join(directory, name, owner), content)
    return name
  }

  /** The name of a real process that was killed when it had prepared its write. */
  async function killed(directory: string): Promise<string> {
    const path = join(directory, 'credentials.json')
    const child = await start({ path, record: record('x'), stopAt: 'prepared' })
    await child.answer()
    child.process.kill('SIGKILL')
    await child.ended
    const [name] = leftovers(directory)
    return name?.replace('credentials.json.lock.', '') ?? ''
  }

  const inOneHour = { ...systemTiming, now: () => Date.now() + 3_601_000 }

  test('is removed if its process is gone, kept if it may be alive, and removed after an hour whoever it was', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    const owner = await killed(directory)
    const living = owner.replace(/^\d+-\d+/, `${process.pid}-${fileStore(path).holder().startedAt}`)
    const unstamped = owner.replace(/^\d+-\d+/, `${process.pid}-0`).replace(/.$/, 'e')
    const elsewhere = owner.replace(/-[0-9a-f]{16}-/, '-0123456789abcdef-')
    for (const other of [living, unstamped, elsewhere]) leave(directory, other)
    mkdirSync(`${path}.lock.of-another-program`)

    await set(fileStore(path), record('1'))
    const expected = [elsewhere, living, unstamped, 'of-another-program'].map((name) => `credentials.json.lock.${name}`)
    expect(leftovers(directory).sort()).toEqual(expected.sort())
    await set(fileStore(path, { timing: inOneHour }), record('2'))
    expect(leftovers(directory).sort()).toEqual(expected.filter((name) => !name.includes(elsewhere)).sort())
  })

  test('is removed a bounded number at a time, and looked for now and then only', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    const owner = await killed(directory)
    // Never the name that is there already.
    const sibling = (end: string, index: number) =>
      ((Number.parseInt(end, 16) + index) % 0x10000).toString(16).padStart(4, '0')
    for (let index = 1; index <= 100; index++)
      leave(
        directory,
        owner.replace(/.{4}$/, (end) => sibling(end, index)),
      )
    const store = fileStore(path, { fsync: false })
    await set(store, record('1'))
    expect(leftovers(directory)).toHaveLength(101 - 64)
    for (let write = 0; write < 255; write++) await set(store, record('1'))
    expect(leftovers(directory)).toHaveLength(101 - 64)
    await set(store, record('1'))
    expect(leftovers(directory)).toEqual([])
  })

  test('is removed for every key of a directory at once, and only for keys', async () => {
    const directory = temporaryDirectory()
    const owner = await killed(directory)
    const store = fileStore(directory, { directory: true })
    await set(store, record('a'), 'a')
    for (const name of ['b-0123456789abcdef.json', 'notes.txt']) mkdirSync(join(directory, `${name}.lock.${owner}`))
    await set(fileStore(directory, { directory: true }), record('a'), 'a')
    expect(leftovers(directory).sort()).toEqual([`credentials.json.lock.${owner}`, `notes.txt.lock.${owner}`])
  })

  test('that cannot be looked for or removed is no failure of a write', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const readdir = () => Promise.reject(new Error('not now'))
    const store = fileStore(path, { operations: { readdir } })
    await set(store, record('1'))
    expect((await store.read('default')).record).toEqual(record('1'))
  })

  test('may vanish while it is looked at', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    const owner = (await killed(directory)).replace(/-[0-9a-f]{16}-/, '-0123456789abcdef-')
    leave(directory, owner)
    const stat = () => Promise.reject(new Error('gone'))
    await set(
      fileStore(path, {
        operations: {
          stat: (async (given: string) =>
            given === path ? Promise.reject(Object.assign(new Error(), { code: 'ENOENT' })) : stat()) as never,
        },
      }),
      record('1'),
    )
    expect(leftovers(directory)).toEqual([`credentials.json.lock.${owner}`])
  })
})
