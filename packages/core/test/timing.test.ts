import { createClock } from '@tokenflight/testing'
import { describe, expect, test, vi } from 'vitest'
import { backoff } from '../src/backoff.ts'
import { sleep, systemTiming, within } from '../src/timing.ts'

describe('the system’s time', () => {
  test('timers longer than a timer can be do not fire at once', () => {
    vi.useFakeTimers()
    try {
      const callback = vi.fn()
      const cancel = systemTiming.after(40 * 24 * 3_600_000, callback)
      vi.advanceTimersByTime(3_600_000)
      expect(callback).not.toHaveBeenCalled()
      cancel()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('background timers keep no process alive, others do', () => {
    const timer = { unref: vi.fn() }
    const set = vi.spyOn(globalThis, 'setTimeout').mockReturnValue(timer as never)
    systemTiming.after(1, () => {}, true)()
    systemTiming.after(1, () => {})()
    set.mockRestore()
    expect(timer.unref).toHaveBeenCalledOnce()
  })

  test('now is the wall clock, monotonic never goes back, random is below one', () => {
    expect(Math.abs(systemTiming.now() - Date.now())).toBeLessThan(1_000)
    expect(systemTiming.monotonic()).toBeLessThanOrEqual(systemTiming.monotonic())
    expect(systemTiming.random()).toBeLessThan(1)
  })
})

test('within gives up waiting, not the work, and leaves no timer', async () => {
  const clock = createClock()
  expect(await within(clock, 10, Promise.resolve(7))).toBe(7)
  expect(clock.pending).toBe(0)
  const late = Promise.withResolvers<number>()
  const waiting = within(clock, 10, late.promise)
  await clock.advance(10)
  expect(await waiting).toBeUndefined()
  await expect(within(clock, 10, Promise.reject(new Error('x')))).rejects.toThrow('x')
  const slept = sleep(clock, 5, true)
  expect(clock.pendingForeground).toBe(0)
  await clock.advance(5)
  await slept
})

test('back-off doubles, is capped, is spread, and never undercuts Retry-After', () => {
  const timing = { ...createClock(), random: () => 1 }
  expect([1, 2, 3].map((n) => backoff(n, timing))).toEqual([250, 500, 1_000])
  expect(backoff(1_000, timing)).toBe(30_000)
  expect(backoff(1, { ...timing, random: () => 0 })).toBe(125)
  expect(backoff(1, timing, 60_000)).toBe(60_000)
})
