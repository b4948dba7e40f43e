import { describe, expect, test, vi } from 'vitest'
import { type CallerProcessesOptions, openCallerProcesses } from '../src/demo/caller-processes.ts'

const fire = { type: 'fire', at: 0, callers: 1 } as const

const options = (script: string, patience: number, signal = new AbortController().signal): CallerProcessesOptions => ({
  script: new URL(script, import.meta.url),
  argumentsOf: () => [],
  count: 2,
  patience,
  signal,
})

describe('the caller processes of the demo', () => {
  test('no answer is an error that says who did not give it, and who hangs is killed', async () => {
    const pool = await openCallerProcesses(options('./hanging-process.ts', 1500))
    await expect(pool.order(fire, 'done')).rejects.toThrow('Caller process 1, 2 gave no answer for 1.5 s.')
    // It resolves when they are gone; they spin, so nothing else ends them.
    await pool.close()
  })

  test('a death is an error that carries the last words', async () => {
    const pool = await openCallerProcesses(options('./dying-process.ts', 5000))
    await expect(pool.order(fire, 'done')).rejects.toThrow(/Caller process \d died[\s\S]*no longer/)
    await pool.close()
  })

  test('an abort ends a wait with its reason', async () => {
    const controller = new AbortController()
    const pool = await openCallerProcesses(options('./hanging-process.ts', 5000, controller.signal))
    const order = pool.order(fire, 'done')
    controller.abort(new Error('enough'))
    await expect(order).rejects.toThrow('enough')
    await pool.close()
  })

  test('a caller process starts no caller processes of its own', async () => {
    const pool = await openCallerProcesses(options('./forking-process.ts', 5000))
    await pool.order(fire, 'done')
    await pool.close()
    vi.stubEnv('TOKENFLIGHT_DEMO_CALLER', '1')
    await expect(openCallerProcesses(options('./hanging-process.ts', 5000))).rejects.toThrow('cannot start a demo')
    vi.unstubAllEnvs()
  })

  test('nothing is started once aborted', async () => {
    const aborted = AbortSignal.abort(new Error('too late'))
    await expect(openCallerProcesses(options('./hanging-process.ts', 5000, aborted))).rejects.toThrow('too late')
  })
})
