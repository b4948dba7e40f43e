import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { start } from './child.ts'
import { accessTokenIn, claim, json, leftovers, record, set, temporaryDirectory } from './place.ts'
import { type Step, steps } from './steps.ts'

const isPublished = (step: Step): boolean => step === 'published' || step === 'synced'

describe('S3 a process is killed in the middle of a compareAndSet', () => {
  test.for(steps)(
    'at "%s": the file is whole, the next writer gets through at once, nothing is left behind',
    async (step) => {
      const directory = temporaryDirectory()
      const path = join(directory, 'credentials.json')
      // So long that only the proof of its death can let anybody else in.
      const mutexTimeout = 60_000
      const store = fileStore(path, { mutexTimeout })
      await set(store, record('old'))

      const child = await start({ path, record: record('killed', { revision: 2 }), stopAt: step })
      expect(await child.answer()).toEqual({ type: 'at', step })
      child.process.kill('SIGKILL')
      await child.ended

      expect(await accessTokenIn(store)).toBe(isPublished(step) ? 'access-killed' : 'access-old')
      const fresh = fileStore(path, { mutexTimeout })
      await set(fresh, record('next', { revision: 3 }))
      expect(await accessTokenIn(store)).toBe('access-next')
      expect(leftovers(directory)).toEqual([])
    },
  )

  test.for(steps.filter((step) => !isPublished(step)))(
    'at "%s" of its commit: the answer is salvaged, and no other writer has thrown it away meanwhile',
    async (step) => {
      const directory = temporaryDirectory()
      const path = join(directory, 'credentials.json')
      const store = fileStore(path, { mutexTimeout: 60_000 })
      await set(store, record('old', { claim: claim('claim-1') }))

      const kept = { claimId: 'claim-1', presentation: 1 }
      const child = await start({ path, record: record('new', { revision: 2, generation: 2, kept }), stopAt: step })
      await child.answer()
      child.process.kill('SIGKILL')
      await child.ended

      const wanted = record('new', { revision: 2, generation: 2, kept })
      expect(await store.salvage('default', 'claim-1')).toEqual(wanted)
      expect(await store.salvage('default', 'claim-2')).toBeUndefined()

      // Somebody who does not salvage writes while the claim still stands: the lock is taken from the dead, its content is not.
      const other = fileStore(path, { mutexTimeout: 60_000 })
      await set(other, record('old', { revision: 3, claim: claim('claim-1') }))
      const found = await other.salvage('default', 'claim-1')
      expect(found).toEqual(wanted)

      await set(other, found)
      expect(await accessTokenIn(store)).toBe('access-new')
      // Its claim is over, so the next one to tidy up removes it.
      const later = fileStore(path)
      await set(later, record('later', { revision: 4 }))
      expect(leftovers(directory)).toEqual([])
    },
  )
})

describe('S4 a process is stopped in the middle of a compareAndSet and continued after others went on', () => {
  test.for(steps)('at "%s": it overwrites nothing and tells its caller the truth', async (step) => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    const store = fileStore(path, { mutexTimeout: 50 })
    await set(store, record('old'))

    const child = await start({ path, record: record('stopped', { revision: 2 }), stopAt: step })
    await child.answer()
    child.process.kill('SIGSTOP')
    await set(store, record('newer', { revision: 3 }))
    const before = readFileSync(path)

    child.process.kill('SIGCONT')
    child.send('go on')
    const answer = await child.answer()
    expect(answer).toMatchObject({ type: 'done', ok: isPublished(step) })
    await child.ended
    expect(readFileSync(path)).toEqual(before)
    expect(json(path)['access_token']).toBe('access-newer')
    expect(leftovers(directory)).toEqual([])
  })

  test('a stopped commit is salvaged by those who wait, and its own process then finds that it was done', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    const store = fileStore(path, { mutexTimeout: 50 })
    await set(store, record('old', { claim: claim('claim-1') }))
    const kept = { claimId: 'claim-1', presentation: 1 }
    const child = await start({ path, record: record('new', { revision: 2, kept }), stopAt: 'compared' })
    await child.answer()
    child.process.kill('SIGSTOP')

    await set(store, await store.salvage('default', 'claim-1'))
    child.process.kill('SIGCONT')
    child.send('go on')
    expect(await child.answer()).toMatchObject({ type: 'done', ok: false })
    await child.ended
    expect((await store.read('default')).record?.kept).toEqual(kept)
    expect(leftovers(directory)).toEqual([])
  })

  test('a stopped process is not put out before it has had its time', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const store = fileStore(path, { mutexTimeout: 60_000 })
    await set(store, record('old'))
    const child = await start({ path, record: record('slow', { revision: 2 }), stopAt: 'compared' })
    await child.answer()
    child.process.kill('SIGSTOP')
    const { version } = await store.read('default')
    const waiting = store.compareAndSet('default', version, record('waiting', { revision: 3 }))
    child.process.kill('SIGCONT')
    child.send('go on')
    expect(await child.answer()).toMatchObject({ type: 'done', ok: true })
    expect(await waiting).toEqual({ ok: false })
    expect(await accessTokenIn(store)).toBe('access-slow')
  })
})
