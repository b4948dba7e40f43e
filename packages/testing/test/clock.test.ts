import { sleep } from '@tokenflight/core'
import { createClock } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'

describe('clock', () => {
  test('time moves only when it is moved, both clocks together', async () => {
    const clock = createClock(1000)
    const origin = clock.monotonic()
    await clock.advance(250)
    expect([clock.now(), clock.monotonic() - origin]).toEqual([1250, 250])
  })

  test('a step moves the wall clock alone, either way, and fires nothing', async () => {
    const clock = createClock(1000)
    const fired: string[] = []
    clock.after(10, () => fired.push('timer'))
    clock.step(1_000_000)
    expect([clock.now(), clock.monotonic(), fired]).toEqual([1_001_000, 0, []])
    clock.step(-2_000_000)
    await clock.advance(10)
    expect([clock.now(), clock.monotonic(), fired]).toEqual([-998_990, 10, ['timer']])
  })

  test('timers fire in the order they are due, each at its own time, equal ones in the order they were set', async () => {
    const clock = createClock(0)
    const fired: [string, number][] = []
    const note = (name: string) => () => void fired.push([name, clock.monotonic()])
    clock.after(30, note('c'))
    clock.after(10, note('a'))
    clock.after(10, note('b'))
    clock.after(31, note('d'))
    await clock.advance(30)
    expect(fired).toEqual([
      ['a', 10],
      ['b', 10],
      ['c', 30],
    ])
    expect(clock.pending).toBe(1)
  })

  test('promise chains that a timer starts run before the next timer, and timers they set are kept', async () => {
    const clock = createClock()
    const story: string[] = []
    const first = sleep(clock, 10).then(async () => {
      for (let deep = 0; deep < 50; deep++) await Promise.resolve()
      story.push('chain')
      await sleep(clock, 5)
      story.push('set within')
    })
    clock.after(20, () => story.push('timer'))
    await clock.advance(20)
    await first
    expect(story).toEqual(['chain', 'set within', 'timer'])
  })

  test('a cancelled timer never fires and is not pending', async () => {
    const clock = createClock()
    const cancel = clock.after(10, () => expect.unreachable())
    clock.after(10, () => {}, true)
    expect([clock.pending, clock.pendingForeground]).toEqual([2, 1])
    cancel()
    expect([clock.pending, clock.pendingForeground]).toEqual([1, 0])
    await clock.advance(10)
    expect(clock.pending).toBe(0)
  })

  test('next goes to the next timer, wherever it is', async () => {
    const clock = createClock()
    const fired: number[] = []
    clock.after(1000, () => fired.push(clock.monotonic()))
    clock.after(5000, () => fired.push(clock.monotonic()))
    expect(await clock.next()).toBe(true)
    expect(fired).toEqual([1000])
    expect(await clock.next()).toBe(true)
    expect(await clock.next()).toBe(false)
    expect(fired).toEqual([1000, 5000])
  })

  test('a stall lets time pass without firing; what was due fires late on the next advance', async () => {
    const clock = createClock()
    const fired: number[] = []
    clock.after(10, () => fired.push(clock.monotonic()))
    clock.stall(60_000)
    expect([fired, clock.monotonic()]).toEqual([[], 60_000])
    await clock.advance(0)
    expect(fired).toEqual([60_000])
  })

  test('two advances at once happen one after the other', async () => {
    const clock = createClock()
    const fired: number[] = []
    clock.after(10, () => fired.push(clock.monotonic()))
    clock.after(15, () => fired.push(clock.monotonic()))
    await Promise.all([clock.advance(10), clock.advance(10)])
    expect([fired, clock.monotonic()]).toEqual([[10, 15], 20])
  })

  test('a callback that throws fails the advance, and the clock goes on', async () => {
    const clock = createClock()
    clock.after(1, () => {
      throw new Error('mine')
    })
    await expect(clock.advance(5)).rejects.toThrow('mine')
    await clock.advance(5)
    expect(clock.pending).toBe(0)
  })

  test('no timer is longer than the platform can hold', async () => {
    const clock = createClock()
    clock.after(Number.POSITIVE_INFINITY, () => {})
    await clock.next()
    expect(clock.monotonic()).toBe(2 ** 31 - 1)
  })

  test('random is seeded: the same seed tells the same numbers, spread over [0, 1)', () => {
    const draw = (seed: number) => {
      const { random } = createClock({ seed })
      return Array.from({ length: 1000 }, random)
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    const numbers = draw(7)
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers)).toBeLessThan(1)
    expect(numbers.filter((n) => n < 0.5).length).toBeGreaterThan(400)
    expect(numbers.filter((n) => n < 0.5).length).toBeLessThan(600)
  })
})
