// The job worker, a thread: every job it is sent is one call for one user.

import { parentPort, workerData } from 'node:worker_threads'
import { openIntegrations } from './integrations.ts'

const { readInbox, close } = openIntegrations(workerData)
parentPort?.on('message', (jobs: [tenant: string, user: string][]) => {
  void work(jobs)
})

async function work(jobs: [tenant: string, user: string][]): Promise<void> {
  parentPort?.postMessage(await Promise.all(jobs.map((job) => readInbox(...job))))
  parentPort?.close()
  await close()
}
