import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, onTestFinished, test } from 'vitest'
import { start } from './child.ts'
import { accessTokenIn, claim, isRoot, leftovers, put, record, set, systemError, temporaryDirectory } from './place.ts'

const nobody = 65_534
const stranger = isRoot ? { uid: nobody } : {}

function shell(command: string, ...given: string[]): void {
  execFileSync('sh', ['-c', command, 'sh', ...given], { stdio: 'ignore' })
}

function mount(size: string): string | undefined {
  const directory = temporaryDirectory()
  try {
    shell('mount -t tmpfs -o "size=$1" tmpfs "$2"', size, directory)
  } catch {
    return undefined
  }
  onTestFinished(() => void shell('umount -l "$1"', directory))
  return directory
}

const canMount = (() => {
  try {
    shell('unshare --mount mount -t tmpfs tmpfs /mnt')
    return isRoot
  } catch {
    return false
  }
})()
const needsMount = canMount ? '' : ' (not run: this user may not mount a file system)'

function fillUp(directory: string): void {
  const blanks = Buffer.alloc(statfsSync(directory).bsize)
  try {
    for (;;) writeFileSync(join(directory, 'filler'), blanks, { flag: 'a' })
  } catch {}
}

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

  test.runIf(canMount)(`EROFS: a file system that is read-only${needsMount}`, async () => {
    const directory = mount('64k') ?? ''
    const path = put(join(directory, 'credentials.json'), { access_token: 'a' })
    shell('mount -o remount,ro "$1"', directory)
    const store = fileStore(path)
    const { version } = await store.read('default')
    await expect(store.compareAndSet('default', version, record('new'))).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringMatching(/\(EROFS\)\. Its file system is mounted read-only/),
    })
    expect(await accessTokenIn(store)).toBe('a')
  })

  test.runIf(canMount)(`ENOSPC: a full disk refuses the claim, so that no request is sent${needsMount}`, async () => {
    const directory = mount('64k') ?? ''
    const path = put(join(directory, 'credentials.json'), { access_token: 'a', refresh_token: 'r' })
    fillUp(directory)
    const store = fileStore(path)
    const { version } = await store.read('default')
    for (const next of [record('new'), record('new', { claim: claim('c', store) })])
      await expect(store.compareAndSet('default', version, next)).rejects.toMatchObject({
        code: 'store_failed',
        message: expect.stringMatching(/\(ENOSPC\)\. The disk is full/),
      })
    expect(await store.read('default')).toMatchObject({ version, record: { tokens: { accessToken: 'a' } } })
    expect(leftovers(directory)).toEqual([])
  })

  test.runIf(canMount)(`ENOSPC: room for the claim but not for its commit refuses the claim${needsMount}`, async () => {
    const directory = mount('20k') ?? ''
    const path = put(join(directory, 'credentials.json'), { access_token: 'a', refresh_token: 'r' })
    const store = fileStore(path)
    writeFileSync(join(directory, 'filler'), Buffer.alloc(8192))
    const { version } = await store.read('default')
    await expect(
      store.compareAndSet('default', version, record('a', { claim: claim('c', store) })),
    ).rejects.toMatchObject({ message: expect.stringContaining('ENOSPC') })
    expect(leftovers(directory)).toEqual([])
    expect(await store.compareAndSet('default', version, record('a'))).toMatchObject({ ok: true })
  })

  test.runIf(canMount)(
    `ENOSPC: a disk that fills up during the request does not cost the answer${needsMount}`,
    async () => {
      const directory = mount('64k') ?? ''
      const path = join(directory, 'credentials.json')
      const store = fileStore(path)
      await set(store, record('old'))
      const version = await set(store, record('old', { revision: 2, claim: claim('c', store) }))
      expect(leftovers(directory)).toHaveLength(1)

      fillUp(directory)
      // Without space of its own nobody gets through.
      await expect(set(fileStore(path), record('other'))).rejects.toMatchObject({
        message: expect.stringContaining('ENOSPC'),
      })

      const next = record('new', { revision: 3, kept: { claimId: 'c', presentation: 1 } })
      expect(await store.compareAndSet('default', version, next)).toMatchObject({ ok: true })
      expect((await fileStore(path).read('default')).record).toEqual(next)
      expect(leftovers(directory)).toEqual([])
      expect(readFileSync(path).length).toBeLessThan(1024)
    },
  )

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
