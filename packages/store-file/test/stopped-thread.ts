import { parentPort, workerData } from 'node:worker_threads'
import { fileStore } from '@tokenflight/store-file'
import { stepping } from './steps.ts'

// A thread that stays in the critical section for good.

const path = String(workerData)
const operations = stepping(path, async (step) => {
  if (step !== 'compared') return
  parentPort?.postMessage(step)
  await new Promise(() => setInterval(() => {}, 1000))
})
const store = fileStore(path, { operations })
const { record, version } = await store.read('default')
if (record !== undefined) await store.compareAndSet('default', version, { ...record, revision: record.revision + 1 })
