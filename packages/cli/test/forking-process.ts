import { openCallerProcesses } from '../src/demo/caller-processes.ts'

// A caller process that tries to have caller processes, and has done as told when it was refused.
process.on('message', () => {
  const script = new URL('./hanging-process.ts', import.meta.url)
  const { signal } = new AbortController()
  openCallerProcesses({ script, argumentsOf: () => [], count: 1, patience: 1000, signal }).catch(() =>
    process.send?.({ type: 'done' }),
  )
})
process.send?.({ type: 'ready' })
