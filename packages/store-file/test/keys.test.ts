import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { accessTokenIn, record, set, temporaryDirectory } from './place.ts'

describe('F5 one file is one credential', () => {
  test('a second key is refused, and the error says how to keep many', async () => {
    const store = fileStore(join(temporaryDirectory(), 'credentials.json'))
    await set(store, record('alice'), 'alice')
    const refused = { code: 'invalid_option', message: expect.stringContaining('{ directory: true }') }
    await expect(store.read('bob')).rejects.toMatchObject(refused)
    await expect(store.compareAndSet('bob', 'absent', record('bob'))).rejects.toMatchObject(refused)
    await expect(store.salvage('bob', 'claim')).rejects.toMatchObject(refused)
    expect(() => store.watch('bob', () => {})).toThrow(expect.objectContaining(refused))
  })

  test('also when another program run, or process, wrote it: asking for Bob never answers with Alice', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    await set(fileStore(path), record('alice'), 'alice')
    const store = fileStore(path)
    const refused = {
      code: 'invalid_option',
      message: expect.stringContaining('belongs to the key "alice", not to "bob"'),
    }
    await expect(store.read('bob')).rejects.toMatchObject(refused)
    await expect(store.compareAndSet('bob', 'absent', record('bob'))).rejects.toMatchObject(refused)
  })

  test('once Alice has signed out, the file is free for Bob', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const alice = fileStore(path)
    await set(alice, record('alice'), 'alice')
    await set(alice, undefined, 'alice')
    await set(fileStore(path), record('bob'), 'bob')
    await expect(alice.read('alice')).rejects.toMatchObject({ code: 'invalid_option' })
  })
})

describe('S10 a directory of many keys', () => {
  test('file names are readable, tell keys apart where case does not count, and lead nowhere else', async () => {
    const directory = join(temporaryDirectory(), 'keys')
    const store = fileStore(directory, { directory: true })
    const keys = [
      'alice@example.com',
      'Alice@example.com',
      '../../etc/passwd',
      '..',
      '',
      'CON',
      'ключ',
      'a'.repeat(500),
    ]
    for (const key of keys) await set(store, record(key), key)
    const names = readdirSync(directory)
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(keys.length)
    for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9._-]{0,39}-[0-9a-f]{16}\.json$/)
    expect(names.filter((name) => name.startsWith('alice-example.com-'))).toHaveLength(2)
    for (const key of keys)
      expect(await accessTokenIn(fileStore(directory, { directory: true }), key)).toBe(`access-${key}`)
  })
})
