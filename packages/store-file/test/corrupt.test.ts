import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { systemTiming } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { accessTokenIn, leftovers, put, record, set, temporaryDirectory } from './place.ts'

const whole = JSON.stringify({ access_token: 'canary-access', refresh_token: 'canary-refresh' })

const broken: [what: string, content: string | Uint8Array][] = [
  ['empty', ''],
  ['blank', ' \n'],
  ['truncated', whole.slice(0, -10)],
  ['all zero bytes', new Uint8Array(4096)],
  ['cut off by zero bytes', `${whole.slice(0, 20)}\0\0\0\0`],
  ['a list', `[${whole}]`],
  ['null', 'null'],
  ['text', '"canary-access"'],
  ['not JSON', 'access_token=canary-access'],
  ['UTF-16', Buffer.from(`\uFEFF${whole}`, 'utf16le')],
  ['with a number for a token', '{"access_token": 4711, "refresh_token": "canary-refresh"}'],
  ['with a list for a token', '{"access_token": "canary-access", "refresh_token": ["canary-refresh"]}'],
]

describe('S6 P1 a file that is no credential', () => {
  test.for(broken)(
    '%s: an error that names path and size and keeps the bytes and their secret, never "no credential"',
    async ([, content]) => {
      const directory = temporaryDirectory()
      const path = join(directory, 'credentials.json')
      writeFileSync(path, content)
      const store = fileStore(path)
      const trouble = {
        code: 'store_corrupt',
        retryable: false,
        message: expect.stringContaining(`${path} (${readFileSync(path).length} bytes)`),
      }
      for (const operation of [
        () => store.read('default'),
        () => store.compareAndSet('default', 'absent', record('new')),
        () => store.compareAndSet('default', 'absent', undefined),
      ]) {
        const error: unknown = await operation().catch((thrown: unknown) => thrown)
        expect(error).toMatchObject(trouble)
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary')
      }
      expect(readFileSync(path)).toEqual(Buffer.from(content))
      expect(leftovers(directory)).toEqual([])
    },
  )

  test('a program that writes in place is given 50 ms to finish', async () => {
    const path = put(join(temporaryDirectory(), 'credentials.json'), whole.slice(0, 30))
    const pauses: number[] = []
    const store = fileStore(path, {
      timing: {
        ...systemTiming,
        after(ms, callback) {
          pauses.push(ms)
          put(path, whole)
          queueMicrotask(callback)
          return () => {}
        },
      },
    })
    expect(await accessTokenIn(store)).toBe('canary-access')
    expect(pauses).toEqual([50])
    put(path, whole.slice(0, 30))
    await set(store, record('new'))
    expect(await accessTokenIn(store)).toBe('access-new')
  })
})
