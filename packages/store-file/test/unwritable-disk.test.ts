import { readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, onTestFinished, test } from 'vitest'
import { accessTokenIn, claim, isRoot, leftovers, put, record, set, shell, temporaryDirectory } from './place.ts'

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
})
