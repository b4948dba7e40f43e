import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../simulation/random.ts'
import { soak } from './run.ts'
import type { Sample } from './sample.ts'
import { judge } from './verdict.ts'

const mebi = 2 ** 20

/** Forty samples, a thousand requests apart, as a healthy process gives them: a rise at first, then noise. */
function healthy(): Sample[] {
  const random = createRandom(1)
  return Array.from({ length: 40 }, (_, n) => ({
    requests: n * 1000,
    heap: 30 * mebi + Math.min(n, 10) * mebi + random.between(-1, 1) * mebi,
    rss: 250 * mebi + random.between(0, 20) * mebi,
    handles: 8 + Math.floor(random.between(0, 4)),
    descriptors: 50 + Math.floor(random.between(0, 6)),
    listeners: random.chance(0.1) ? 60 : 6,
    files: 52,
  }))
}

const growing = (samples: Sample[]) => judge(samples).flatMap(({ measure, flat }) => (flat ? [] : [measure]))

describe('the verdict of a soak', () => {
  test('is "flat" for what rises at first and then only wavers', () => {
    expect(growing(healthy())).toEqual([])
  })

  test.each([
    ['heap', 100 * 1024],
    ['rss', 2 * mebi],
    ['handles', 0.5],
    ['descriptors', 1],
    ['listeners', 0.25],
    ['files', 0.5],
  ] as const)('is "grows" for %s that leaks, and for nothing else', (measure, each) => {
    const samples = healthy().map((sample, n) => ({ ...sample, [measure]: sample[measure] + n * each }))
    expect(growing(samples)).toEqual([measure])
  })

  test('is refused for too few samples', () => {
    expect(() => judge(healthy().slice(0, 6))).toThrow(/too few/)
  })
})

test('a soak notices a listener, a file and memory that each round leaves behind, and takes nothing else for a leak', async () => {
  const kept: unknown[] = []
  const { trends, unexpected, requests } = await soak({
    minutes: 0,
    rounds: 36,
    seed: 1,
    every: 0,
    samples: 12,
    afterRound(signal, directory) {
      signal.addEventListener('abort', () => {})
      writeFileSync(path.join(directory, `left-${kept.length}`), '')
      kept.push(Array.from({ length: 20_000 }, (_, n) => ({ n })))
    },
  })
  expect(requests).toBeGreaterThan(800)
  expect(unexpected).toEqual([])
  const verdicts = Object.fromEntries(trends.map(({ measure, flat }) => [measure, flat]))
  expect(verdicts).toMatchObject({ heap: false, listeners: false, files: false, handles: true, descriptors: true })
})
