import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, onTestFinished, test } from 'vitest'
import { record, set, temporaryDirectory, tokens } from './place.ts'

describe('S6 readers and writers', () => {
  test('a reader never sees torn or empty content, whatever is written, whichever way it reads', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const [reader, writer] = [fileStore(path), fileStore(path, { fsync: false })]
    const sized = (revision: number) =>
      record(String(revision), {
        revision,
        tokens: tokens(String(revision), { extra: { filler: 'x'.repeat((revision % 7) * 9000) } }),
      })
    let version = await set(writer, sized(1))
    let writing = true
    let reads = 0
    const read = async (): Promise<void> => {
      for (let last = 0; writing; reads++) {
        const { record: found } = await reader.read('default')
        expect(found).toEqual(sized(found?.revision ?? 0))
        expect(found?.revision).toBeGreaterThanOrEqual(last)
        last = found?.revision ?? 0
        expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveProperty('access_token')
      }
    }
    const readers = [read(), read()]
    for (let revision = 2; revision <= 150; revision++) {
      const result = await writer.compareAndSet('default', version, sized(revision))
      if (!result.ok) throw new Error('The only writer was refused.')
      version = result.version
    }
    writing = false
    await Promise.all(readers)
    expect(reads).toBeGreaterThan(20)
  })
})

describe('S2 threads are more of the same', () => {
  test('two processes with three threads each lose no increment, and no version is used twice', {
    timeout: 60_000,
  }, async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const module = fileURLToPath(new URL('./threads-process.ts', import.meta.url))
    const reports = await Promise.all(
      [1, 2].map(async () => {
        const child = fork(module, [path, '3', '15'], { execArgv: ['--conditions=@tokenflight/source'] })
        onTestFinished(() => void child.kill('SIGKILL'))
        const [used] = (await once(child, 'message')) as [string[]]
        await once(child, 'close')
        return used
      }),
    )
    const used = reports.flat()
    expect(used).toHaveLength(90)
    expect(new Set(used).size).toBe(90)
    expect((await fileStore(path).read('default')).record?.revision).toBe(90)
  })

  test('a thread that is terminated in the middle of a write does not stop the others for longer than the mutex time-out', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const store = fileStore(path, { mutexTimeout: 50 })
    await set(store, record('old'))
    const worker = new Worker(new URL('./stopped-thread.ts', import.meta.url), {
      workerData: path,
      execArgv: ['--conditions=@tokenflight/source'],
    })
    await once(worker, 'message')
    await worker.terminate()
    await set(store, record('new', { revision: 2 }))
    expect((await store.read('default')).record).toEqual(record('new', { revision: 2 }))
  })
})
