import { type FSWatcher, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { put, record, set, temporaryDirectory } from './place.ts'

/** The watchers that the system was asked for; and whether it refuses. */
const system = vi.hoisted(() => ({
  watchers: [] as { directory: string; watcher: FSWatcher; closed: boolean }[],
  refuses: false,
}))

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs')>()
  return {
    ...original,
    watch(directory: string, options: { persistent: boolean }, listener: (event: string, name: string | null) => void) {
      if (system.refuses) throw Object.assign(new Error('ENOSPC: no watchers left'), { code: 'ENOSPC' })
      expect(options.persistent).toBe(false)
      const watcher = original.watch(directory, options, listener)
      const asked = { directory, watcher, closed: false }
      watcher.on('close', () => {
        asked.closed = true
      })
      system.watchers.push(asked)
      return watcher
    },
  }
})

afterEach(() => {
  for (const { watcher } of system.watchers) watcher.close()
  system.watchers = []
  system.refuses = false
})

const open = () => system.watchers.filter(({ closed }) => !closed).map(({ directory }) => directory)

/** A listener, and the promise of its next call. */
function listening() {
  const listener = vi.fn()
  return { listener, next: () => new Promise<void>((resolve) => listener.mockImplementationOnce(() => resolve())) }
}

describe('S1 watching a file', () => {
  test('tells of the writes of other instances and of other programs', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const { listener, next } = listening()
    const unwatch = fileStore(path).watch('default', listener)
    const ours = next()
    await set(fileStore(path), record('1'))
    await ours
    const theirs = next()
    put(path, { access_token: 'theirs' })
    await theirs
    unwatch()
  })

  test('is not disturbed by what else happens in the directory', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    const { listener } = listening()
    const store = fileStore(path)
    store.watch('default', listener)
    const neighbour = listening()
    fileStore(join(directory, 'z.json')).watch('default', neighbour.listener)
    const told = neighbour.next()
    put(join(directory, 'other.json'), {})
    mkdirSync(`${path}.lock.x`)
    put(join(directory, 'z.json'), {})
    await told
    expect(listener).not.toHaveBeenCalled()
    await store.close()
  })

  test('takes one watcher a directory for any number of listeners and keys, and gives it back', async () => {
    const directory = temporaryDirectory()
    const store = fileStore(directory, { directory: true })
    const leave = ['a', 'b', 'a', 'c'].map((key) => store.watch(key, () => {}))
    const again = () => {}
    leave.push(store.watch('a', again), store.watch('a', again))
    expect(open()).toEqual([directory])
    for (const unwatch of leave.slice(1)) unwatch()
    expect(open()).toEqual([directory])
    leave[0]?.()
    await vi.waitFor(() => expect(open()).toEqual([]))
    store.watch('a', () => {})()
    await vi.waitFor(() => expect(open()).toEqual([]))
  })

  test('one function given twice is told until both have left', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const store = fileStore(path)
    const { listener, next } = listening()
    const [first, second] = [store.watch('default', listener), store.watch('default', listener)]
    first()
    first()
    const told = next()
    await set(store, record('1'))
    await told
    second()
  })

  test('a listener that throws harms nobody', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const store = fileStore(path)
    const { listener, next } = listening()
    store.watch('default', () => {
      throw new Error('The listener failed.')
    })
    store.watch('default', listener)
    const told = next()
    await set(store, record('1'))
    await told
    await store.close()
  })

  test('begins once the directory is there, and says that something has happened', async () => {
    const path = join(temporaryDirectory(), 'later', 'credentials.json')
    const store = fileStore(path)
    const { listener, next } = listening()
    store.watch('default', listener)
    expect(open()).toEqual([])
    const told = next()
    await set(fileStore(path), record('1'))
    await store.read('default')
    await told
    expect(open()).toHaveLength(1)
    await store.close()
  })

  test('follows a symbolic link, and its replacement', async () => {
    const directory = temporaryDirectory()
    mkdirSync(join(directory, 'vault'))
    put(join(directory, 'vault', 'a.json'), { access_token: 'a' })
    put(join(directory, 'vault', 'b.json'), { access_token: 'b' })
    const path = join(directory, 'credentials.json')
    symlinkSync('vault/a.json', path)
    const store = fileStore(path)
    const { listener, next } = listening()
    store.watch('default', listener)
    const behind = next()
    await set(fileStore(join(directory, 'vault', 'a.json')), record('1'))
    await behind
    const swapped = next()
    symlinkSync('vault/b.json', join(directory, 'new'))
    renameSync(join(directory, 'new'), path)
    await swapped
    await store.close()
    await vi.waitFor(() => expect(open()).toEqual([]))
  })

  test('goes without hints where the system refuses, and starts again after a failure', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const store = fileStore(path)
    const { listener, next } = listening()
    system.refuses = true
    store.watch('default', listener)
    await set(store, record('1'))
    expect(open()).toEqual([])

    system.refuses = false
    const told = next()
    await store.read('default')
    await told
    expect(open()).toHaveLength(1)

    system.watchers[0]?.watcher.emit('error', new Error('The volume is gone.'))
    await vi.waitFor(() => expect(open()).toEqual([]))
    const again = next()
    await store.read('default')
    await again
    expect(open()).toHaveLength(1)
    await store.close()
    await vi.waitFor(() => expect(open()).toEqual([]))
  })

  test('survives that its directory is removed and made anew', async () => {
    const directory = join(temporaryDirectory(), 'acme')
    const path = join(directory, 'credentials.json')
    await set(fileStore(path), record('1'))
    const store = fileStore(path)
    const unwatch = store.watch('default', () => {})
    rmSync(directory, { recursive: true })
    expect((await store.read('default')).record).toBeUndefined()
    await set(store, record('2'))
    unwatch()
    await vi.waitFor(() => expect(open()).toEqual([]))
  })

  test('a name that the system does not say may be anybody', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const store = fileStore(path)
    const { listener, next } = listening()
    store.watch('default', listener)
    const told = next()
    system.watchers[0]?.watcher.emit('change', 'rename', null)
    await told
    await store.close()
    // Leaving after that is harmless.
    const late = fileStore(path)
    const unwatch = late.watch('default', listener)
    await late.close()
    unwatch()
  })
})
