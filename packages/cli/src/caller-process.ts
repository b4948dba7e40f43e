import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { createCaller } from './demo/caller.ts'
import type { Order, Report } from './demo/messages.ts'

// One of the demo's processes: it is forked with a number of threads and the names of its clients, told which way to go, and fires its
// callers when told to. Several threads share them, each with what a process would have of its own.

interface Thread {
  thread: number
  threads: number
  words: string[]
}

if (isMainThread) await runProcess()
else await runThread(workerData)

async function runProcess(): Promise<void> {
  // The demo's end is this process's end, however it came; Ctrl-C reaches the demo, which then ends its processes.
  process.on('disconnect', () => process.exit())
  process.on('SIGINT', () => {})
  const report = (message: Report): void => void process.send?.(message)
  const [count = '1', ...words] = process.argv.slice(2)
  const threads = Number(count)
  let tell: (order: Order) => void
  if (threads > 1) tell = startThreads(threads, words, report)
  else {
    tell = await createCaller(words, { first: 0, of: 1 }, report)
    report({ type: 'ready' })
  }
  process.on('message', (order: Order) => tell(order))
}

/** What all have reported is reported once. */
function startThreads(threads: number, words: string[], report: (message: Report) => void): (order: Order) => void {
  const reached = new Map<Report['type'], number>()
  const workers = Array.from({ length: threads }, (_, thread) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { thread, threads, words } satisfies Thread })
    return worker.on('message', (message: Report) => {
      if (message.type === 'mark' || message.type === 'answered') return report({ ...message, thread })
      const count = (reached.get(message.type) ?? 0) + 1
      reached.set(message.type, count % threads)
      if (count === threads) report(message)
    })
  })
  return (order) => {
    for (const worker of workers) worker.postMessage(order)
  }
}

async function runThread({ thread, threads, words }: Thread): Promise<void> {
  const report = (message: Report): void => parentPort?.postMessage(message)
  const tell = await createCaller(words, { first: thread, of: threads }, report)
  parentPort?.on('message', (order: Order) => tell(order))
  report({ type: 'ready' })
}
