import { chmodSync, chownSync, lstatSync, mkdirSync, readlinkSync, type Stats, statSync, symlinkSync } from 'node:fs'
import fs from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createTokenManager, encryptedStore } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { start } from './child.ts'
import { accessTokenIn, isRoot, leftovers, put, record, set, systemError, temporaryDirectory } from './place.ts'

const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('S6 mode and owner', () => {
  test.for([0o000, 0o022, 0o777])(
    'new files are 0600 in new directories that are 0700, with the umask %o',
    async (umask) => {
      const root = temporaryDirectory()
      const path = join(root, 'acme', 'cli', 'credentials.json')
      // A umask of 0777 leaves even directories unusable to all but root.
      if (umask === 0o777) mkdirSync(join(root, 'acme', 'cli'), { recursive: true, mode: 0o700 })
      const child = await start({ path, record: record('1'), umask: umask === 0o777 ? 0o377 : umask })
      await child.answer()
      await child.ended
      expect(modeOf(path)).toBe(0o600)
      if (umask !== 0o777) expect([join(root, 'acme'), join(root, 'acme', 'cli')].map(modeOf)).toEqual([0o700, 0o700])
    },
  )

  test('the mode of an existing file is kept, a wide one too', async () => {
    const path = put(join(temporaryDirectory(), 'credentials.json'), {})
    for (const mode of [0o640, 0o644, 0o600]) {
      chmodSync(path, mode)
      await set(fileStore(path), record('1'))
      expect(modeOf(path)).toBe(mode)
    }
  })

  test('what waits to be published is for this user alone', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    const seen: number[] = []
    const store = fileStore(path, {
      operations: {
        async rename(from, to) {
          if (String(to).endsWith('.lock.held'))
            for (const name of leftovers(directory)) seen.push(modeOf(join(directory, name)))
          await fs.rename(from, to)
        },
      },
    })
    await set(store, record('1'))
    expect(seen).toEqual([0o700])
  })

  test.runIf(isRoot)(
    `the owner of an existing file is kept${isRoot ? '' : ' (not run: only root may give files away)'}`,
    async () => {
      const path = put(join(temporaryDirectory(), 'credentials.json'), {})
      chownSync(path, 1234, 2345)
      await set(fileStore(path), record('1'))
      expect(statSync(path)).toMatchObject({ uid: 1234, gid: 2345 })
    },
  )

  test.for([
    ['neither owner nor group', 2, 0o604],
    ['no owner but the group', 1, 0o664],
  ] as const)('where %s can be kept, no other group gets its rights', async ([, refusals, mode]) => {
    const path = put(join(temporaryDirectory(), 'credentials.json'), {})
    chmodSync(path, 0o664)
    let left: number = refusals
    const store = fileStore(path, {
      operations: {
        async open(given, ...rest) {
          const handle = await fs.open(given, ...rest)
          // Another owner, as far as the store can see.
          const stat = handle.stat.bind(handle) as () => Promise<Stats>
          const foreign = async () => Object.assign(await stat(), { uid: 1, gid: 1 })
          if (given === path) handle.stat = foreign as typeof handle.stat
          handle.chown = async () => {
            if (left-- > 0) throw systemError('EPERM')
          }
          return handle
        },
      },
    })
    await set(store, record('1'))
    expect(modeOf(path)).toBe(mode)
  })
})

describe('S6 paths', () => {
  test('a symbolic link stays one; the file behind it is written, and every way to it has the same lock', async () => {
    const directory = temporaryDirectory()
    const real = put(join(directory, 'real.json'), { access_token: 'a' })
    mkdirSync(join(directory, 'home'))
    const link = join(directory, 'home', 'credentials.json')
    symlinkSync('../real.json', link)
    await set(fileStore(link), record('1'))
    expect(readlinkSync(link)).toBe('../real.json')
    expect(lstatSync(real).isFile()).toBe(true)
    expect(await accessTokenIn(fileStore(real))).toBe('access-1')

    const locks = new Set<string>()
    const operations = {
      async rename(from: unknown, to: unknown) {
        if (String(to).endsWith('.lock.held')) locks.add(String(to))
        await fs.rename(String(from), String(to))
      },
    }
    symlinkSync(join(directory, 'home'), join(directory, 'way'))
    const ways = [
      link,
      real,
      join(directory, 'way', 'credentials.json'),
      relative(process.cwd(), link),
      pathToFileURL(real),
      pathToFileURL(link).href,
    ]
    for (const way of ways) await set(fileStore(way, { operations }), record('2'))
    expect([...locks]).toEqual([`${real}.lock.held`])
  })

  test('a dangling link gets its file, with the directory that is missing', async () => {
    const directory = temporaryDirectory()
    symlinkSync('second.json', join(directory, 'first.json'))
    symlinkSync(join(directory, 'vault', 'real.json'), join(directory, 'second.json'))
    const store = fileStore(join(directory, 'first.json'))
    expect((await store.read('default')).record).toBeUndefined()
    await set(store, record('1'))
    expect(lstatSync(join(directory, 'first.json')).isSymbolicLink()).toBe(true)
    expect(lstatSync(join(directory, 'second.json')).isSymbolicLink()).toBe(true)
    expect(await accessTokenIn(fileStore(join(directory, 'vault', 'real.json')))).toBe('access-1')
    expect(modeOf(join(directory, 'vault'))).toBe(0o700)
  })

  test('links that never end are an error', async () => {
    const store = fileStore(join(temporaryDirectory(), 'credentials.json'), {
      operations: {
        realpath: (() => Promise.reject(systemError('ENOENT'))) as unknown as typeof fs.realpath,
        readlink: (async (given: string) => `${given}x`) as unknown as typeof fs.readlink,
      },
    })
    await expect(store.compareAndSet('default', 'absent', record('1'))).rejects.toMatchObject({
      message: expect.stringContaining('(ELOOP)'),
    })
  })

  test('"~" is the home directory, only where it stands alone', () => {
    expect(fileStore('~/.acme/credentials.json').path).toBe(join(homedir(), '.acme', 'credentials.json'))
    expect(fileStore('~').path).toBe(homedir())
    expect(fileStore('~acme').path).toBe(join(process.cwd(), '~acme'))
  })

  test('a relative path stays where it was when the store was made', async () => {
    const directory = temporaryDirectory()
    const before = process.cwd()
    const store = fileStore(relative(before, join(directory, 'credentials.json')))
    expect(store.path).toBe(join(directory, 'credentials.json'))
  })

  test('who finds nothing there is told where that is, by file or key, and through an encrypted store', async () => {
    const root = temporaryDirectory()
    const path = join(root, 'credentials.json')
    const grant = async () => ({ access_token: 'never' })
    const inDirectory = fileStore(root, { directory: true })
    const key = Uint8Array.from({ length: 32 }, () => 7)
    const sealed = encryptedStore(fileStore(path), { keys: [{ id: '1', key }] })
    for (const [store, file] of [
      [fileStore(path), path],
      [sealed, path],
      [inDirectory, inDirectory.location('alice')],
    ] as const) {
      const tokens = createTokenManager({ store, grant, key: 'alice' })
      await expect(tokens.getAccessToken()).rejects.toMatchObject({
        code: 'no_credential',
        message: expect.stringContaining(`No credential is stored in ${file} (key "alice").`),
      })
      await tokens.close()
    }
    expect(inDirectory.location('alice')).toMatch(/alice.*\.json$/)
  })
})
