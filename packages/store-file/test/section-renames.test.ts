import { readdirSync } from 'node:fs'
import fs from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { accessTokenIn, inPlace, leftovers, put, record, set, systemError } from './place.ts'
import { elsewhere, hurried, occupy, somebody } from './section.ts'

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
