import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import fs from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, onTestFinished, test } from 'vitest'
import { start } from './child.ts'
import { accessTokenIn, isRoot, leftovers, put, record, shell, systemError, temporaryDirectory } from './place.ts'

const nobody = 65_534
const stranger = isRoot ? { uid: nobody } : {}

describe('S6 trouble with the file system is named, says what to do, and loses nothing', () => {
  test('EAGAIN: a file server that has a lease on the file is waited for', async () => {
    const path = put(join(temporaryDirectory(), 'credentials.json'), { access_token: 'a' })
    const open: typeof fs.open = (file, flags, mode) =>
      typeof flags === 'number' && flags & fs.constants.O_NONBLOCK
        ? Promise.reject(systemError('EAGAIN'))
        : fs.open(file, flags, mode)
    const { record: found } = await fileStore(path, { operations: { open } }).read('default')
    expect(found?.tokens?.accessToken).toBe('a')
  })

  test('EACCES: a file that this user may not read', async () => {
    const directory = temporaryDirectory()
    chmodSync(directory, 0o755)
    const path = put(join(directory, 'credentials.json'), { access_token: 'a' })
    chmodSync(path, isRoot ? 0o600 : 0o000)
    const child = await start({ path, ...stranger })
    expect(await child.answer()).toMatchObject({
      type: 'failed',
      code: 'store_failed',
      message: expect.stringMatching(/Could not read .*credentials\.json \(EACCES\)\. Give this user/),
    })
  })

  test('EACCES: a directory that this user may not write', async () => {
    const directory = temporaryDirectory()
    const path = put(join(directory, 'credentials.json'), { access_token: 'a' })
    chmodSync(path, 0o644)
    chmodSync(directory, 0o555)
    onTestFinished(() => chmodSync(directory, 0o755))
    const child = await start({ path, record: record('new'), ...stranger })
    expect(await child.answer()).toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('Could not write'),
    })
    await child.ended
    expect(await accessTokenIn(fileStore(path))).toBe('a')
  })

  test('EMFILE: a process that has all its files open', async () => {
    const path = put(join(temporaryDirectory(), 'credentials.json'), { access_token: 'a' })
    for (const order of [{ path }, { path, record: record('new') }]) {
      const child = await start({ ...order, outOfFiles: true }, { files: 128 })
      expect(await child.answer()).toMatchObject({
        code: 'store_failed',
        message: expect.stringMatching(/\(EMFILE\)\. .*ulimit -n/),
      })
      await child.ended
    }
    expect(await accessTokenIn(fileStore(path))).toBe('a')
  })

  test('EMFILE in the middle of a write', async () => {
    const directory = temporaryDirectory()
    const path = put(join(directory, 'credentials.json'), { access_token: 'a' })
    let free = 0
    const open: typeof fs.open = async (...given) => {
      if (free-- <= 0) throw systemError('EMFILE')
      return fs.open(...given)
    }
    const store = fileStore(path, { operations: { open } })
    const { version } = await fileStore(path).read('default')
    let fails = 0
    for (; (await accessTokenIn(fileStore(path))) === 'a'; fails++) {
      free = fails
      const result = await store.compareAndSet('default', version, record('new')).catch((error: unknown) => error)
      expect(result).toMatchObject({ code: 'store_failed', message: expect.stringContaining('EMFILE') })
      expect(leftovers(directory)).toEqual([])
    }
    // Reading, preparing, comparing; from then on the content is in place, and the sync of its directory is what failed.
    expect(fails).toBe(4)
    expect(await accessTokenIn(fileStore(path))).toBe('access-new')
  })

  test('EISDIR: a directory where the file should be', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    mkdirSync(path)
    const store = fileStore(path)
    for (const operation of [
      () => store.read('default'),
      () => store.compareAndSet('default', 'absent', record('new')),
    ])
      await expect(operation()).rejects.toMatchObject({
        code: 'store_failed',
        message: expect.stringMatching(/\(EISDIR\)\. It is a directory\. Pass a file, or `\{ directory: true \}`/),
      })
  })

  test.each<[string, (path: string) => void | Promise<void>]>([
    ['a pipe', (path) => shell('mkfifo "$1"', path)],
    ['a pipe behind a symbolic link', (path) => shell('mkfifo "$1.pipe" && ln -s "$1.pipe" "$1"', path)],
    [
      'a pipe into which somebody writes a credential',
      (path) => {
        shell('mkfifo "$1"', path)
        const writer = spawn('sh', [
          '-c',
          `exec 3<>"$1"; echo '{"access_token":"a"}' >&3; echo; exec sleep 60`,
          'sh',
          path,
        ])
        onTestFinished(() => void writer.kill('SIGKILL'))
        return new Promise((written) => writer.stdout.once('data', () => written()))
      },
    ],
    [
      'a socket',
      async (path) => {
        const server = createServer().listen(path)
        await once(server, 'listening')
        onTestFinished(() => void server.close())
      },
    ],
    ['a device without end', (path) => symlinkSync('/dev/zero', path)],
    ['a device that holds nothing', (path) => symlinkSync('/dev/null', path)],
  ])('ENXIO: %s where the file should be', async (_, make) => {
    const path = join(temporaryDirectory(), 'credentials.json')
    await make(path)
    const store = fileStore(path)
    for (const operation of [
      () => store.read('default'),
      () => store.compareAndSet('default', 'absent', record('new')),
    ])
      await expect(operation()).rejects.toMatchObject({
        code: 'store_failed',
        message: expect.stringMatching(
          /credentials\.json \(ENXIO\)\. It is a pipe, a socket or a device\. Pass a file/,
        ),
      })
  })

  test('ENOTDIR: a file where the directory should be', async () => {
    const file = put(join(temporaryDirectory(), 'file'), 'text')
    const store = fileStore(join(file, 'credentials.json'))
    for (const operation of [
      () => store.read('default'),
      () => store.compareAndSet('default', 'absent', record('new')),
      () => store.salvage('default', 'c'),
    ])
      await expect(operation()).rejects.toMatchObject({
        code: 'store_failed',
        message: expect.stringContaining('(ENOTDIR)'),
      })
    expect(readFileSync(file, 'utf8')).toBe('text')
  })

  test('ELOOP: links in a circle', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    symlinkSync('credentials.json', path)
    const store = fileStore(path)
    for (const operation of [
      () => store.read('default'),
      () => store.compareAndSet('default', 'absent', record('new')),
    ])
      await expect(operation()).rejects.toMatchObject({
        code: 'store_failed',
        message: expect.stringMatching(/\(ELOOP\)\. Its symbolic links/),
      })
  })

  test('ENAMETOOLONG: a name for which the file system has no room', async () => {
    const store = fileStore(join(temporaryDirectory(), 'x'.repeat(240)))
    await expect(store.compareAndSet('default', 'absent', record('new'))).rejects.toMatchObject({
      message: expect.stringContaining('(ENAMETOOLONG)'),
    })
  })

  test('anything else is passed on with its code', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const failing = (error: Error) =>
      fileStore(path, {
        operations: {
          open() {
            throw error
          },
        },
      })
    await expect(failing(systemError('EIO')).read('default')).rejects.toMatchObject({
      message: expect.stringContaining('(EIO). See the cause'),
      retryable: true,
    })
    const cause = new Error('something')
    await expect(failing(cause).read('default')).rejects.toMatchObject({
      message: expect.stringContaining('(unknown error)'),
      cause,
    })
  })
})
