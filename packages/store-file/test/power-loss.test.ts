import fs from 'node:fs/promises'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { claim, record, set, systemError, temporaryDirectory } from './place.ts'

describe('S6 power loss after success keeps the new tokens', () => {
  const logging =
    (log: string[], failing?: string): typeof fs.open =>
    async (path, ...rest) => {
      const handle = await fs.open(path, ...rest)
      const { sync } = handle
      handle.sync = async () => {
        const kind = (await handle.stat()).isDirectory() ? 'directory' : 'file'
        log.push(`${kind} ${String(path).replace(/\.lock\..*/, '')}`)
        if (kind === 'directory' && failing !== undefined) throw systemError(failing)
        await sync.call(handle)
      }
      return handle
    }

  test('the file is synced before it has its name, its directory afterwards, and new directories in theirs', async () => {
    const root = temporaryDirectory()
    const path = join(root, 'a', 'b', 'credentials.json')
    const log: string[] = []
    await set(
      fileStore(path, {
        operations: {
          open: logging(log),
          async rename(from, to) {
            if (to === path) log.push('published')
            await fs.rename(from, to)
          },
        },
      }),
      record('1'),
    )
    expect(log).toEqual([
      `directory ${join(root, 'a')}`,
      `directory ${root}`,
      `file ${path}`,
      'published',
      `directory ${join(root, 'a', 'b')}`,
    ])
  })

  test('nothing is synced if the user says so', async () => {
    const log: string[] = []
    const path = join(temporaryDirectory(), 'new', 'credentials.json')
    const store = fileStore(path, { fsync: false, operations: { open: logging(log) } })
    await set(store, record('1', { claim: claim('c', store) }))
    await set(store, record('2'))
    expect(log).toEqual([])
  })

  test('a directory that cannot be synced (Windows, some network volumes) is no failure, a failing disk is', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    await set(fileStore(path, { operations: { open: logging([], 'EPERM') } }), record('1'))
    await expect(set(fileStore(path, { operations: { open: logging([], 'EIO') } }), record('2'))).rejects.toMatchObject(
      { code: 'store_failed' },
    )
  })
})
