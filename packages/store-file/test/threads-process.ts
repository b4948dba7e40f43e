import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { fileStore } from '@tokenflight/store-file'

// A process whose threads increment one record; reports the versions that they consumed.

async function increment(path: string, times: number): Promise<string[]> {
  const store = fileStore(path)
  const used: string[] = []
  while (used.length < times) {
    const { record, version } = await store.read('default')
    const revision = (record?.revision ?? 0) + 1
    const tokens = { accessToken: `access-${revision}`, tokenType: 'Bearer', obtainedAt: revision }
    if ((await store.compareAndSet('default', version, { tokens, revision, generation: revision })).ok)
      used.push(version)
  }
  return used
}

if (isMainThread) {
  const [path, threads, times] = process.argv.slice(2)
  const workers = Array.from(
    { length: Number(threads) },
    () => new Worker(new URL(import.meta.url), { workerData: { path, times: Number(times) } }),
  )
  const used = (await Promise.all(workers.map((worker) => once(worker, 'message')))).flat(2)
  process.send?.(used, undefined, undefined, () => process.disconnect())
} else {
  const { path, times } = workerData
  parentPort?.postMessage(await increment(path, times))
}
