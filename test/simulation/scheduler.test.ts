import { describe, expect, test } from 'vitest'
import { createRandom } from './random.ts'
import { Scheduler } from './scheduler.ts'
import { SimulatedProcess } from './simulated-process.ts'

const one = () => {
  const scheduler = new Scheduler()
  return { scheduler, process: new SimulatedProcess(1, 'host', 0, scheduler, createRandom(1)) }
}

describe('the scheduler', () => {
  test('runs what is due in order of time, and what is due together in the order in which it was asked for', async () => {
    const { scheduler } = one()
    const ran: string[] = []
    const random = createRandom(7)
    const delays = Array.from({ length: 500 }, () => Math.floor(random.between(0, 50)))
    for (const [place, delay] of delays.entries()) scheduler.after(delay, () => ran.push(`${delay}.${place}`))
    await scheduler.run(1_000)
    const expected = [...delays.entries()].sort(([p, a], [q, b]) => a - b || p - q)
    expect(ran).toEqual(expected.map(([place, delay]) => `${delay}.${place}`))
  })

  test('lets everything that an event sets in motion happen before the next one', async () => {
    const { scheduler } = one()
    const ran: string[] = []
    const chain = async (name: string) => {
      for (let step = 1; step <= 3; step++) {
        ran.push(`${name}${step}`)
        await undefined
      }
    }
    scheduler.after(1, () => void chain('a'))
    scheduler.after(1, () => void chain('b'))
    await scheduler.run(1)
    expect(ran).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3'])
  })

  test('does not run what was cancelled, nor what is due later', async () => {
    const { scheduler } = one()
    const ran: string[] = []
    scheduler.after(1, () => ran.push('cancelled'))()
    scheduler.after(3, () => ran.push('later'))
    expect(await scheduler.run(2)).toBe(false)
    expect([ran, scheduler.now]).toEqual([[], 2])
    expect(await scheduler.run(9, () => ran.length > 0)).toBe(true)
    expect([ran, scheduler.now]).toEqual([['later'], 3])
  })
})

describe('a simulated process', () => {
  test('that was ended never goes on', async () => {
    const { scheduler, process } = one()
    let went = false
    void process.pause(5).then(() => {
      went = true
    })
    scheduler.after(4, () => process.end())
    await scheduler.run(100)
    expect(went).toBe(false)
  })

  test('that was stopped goes on late, its overdue timers first, and its clocks have not stood still', async () => {
    const { scheduler, process } = one()
    const ran: string[] = []
    process.later(5, () => ran.push('socket'))
    process.timing.after(6, () => ran.push('timer'))
    scheduler.after(4, () => process.stop())
    scheduler.after(50, () => process.resume())
    await scheduler.run(49)
    expect(ran).toEqual([])
    await scheduler.run(60)
    expect(ran).toEqual(['timer', 'socket'])
    expect(process.timing.monotonic()).toBe(60)
  })

  test('counts the timers that would keep it alive', async () => {
    const { scheduler, process } = one()
    const { timing } = process
    timing.after(1, () => {})
    const cancel = timing.after(2, () => {})
    timing.after(3, () => {}, true)
    expect(process.timers).toBe(2)
    cancel()
    expect(process.timers).toBe(1)
    await scheduler.run(5)
    expect(process.timers).toBe(0)
  })

  test('has a wall clock that can be moved, and a monotonic one that cannot', () => {
    const { process } = one()
    const { now, monotonic } = process.timing
    const [wall, elapsed] = [now(), monotonic()]
    process.offset -= 3_600_000
    expect([now() - wall, monotonic() - elapsed]).toEqual([-3_600_000, 0])
  })
})

test('neighbouring seeds have nothing in common', () => {
  const draws = (seed: number) => {
    const random = createRandom(seed)
    return Array.from({ length: 4 }, () => Math.floor(random.between(0, 1e6)))
  }
  const all = Array.from({ length: 200 }, (_, seed) => draws(seed)).flat()
  expect(new Set(all).size).toBeGreaterThan(all.length - 5)
  expect(draws(42)).toEqual(draws(42))
})
