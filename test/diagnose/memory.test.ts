import { expect, test } from 'vitest'
import { readStream } from './stream.ts'

test('D2: 50 MB of log with 15,000 users are read in memory that does not grow', { timeout: 120_000 }, async () => {
  const { heap, rss, peakRss, lines, telling, findings } = await readStream(50, 20)
  expect(telling).toBeGreaterThan(15_000)
  expect(lines).toBeGreaterThan(300_000)
  expect(findings).toMatchObject([['refresh_token_dead', expect.any(Number)]])
  // From the first 8 MB on, when everything is loaded and compiled.
  const [first = 0] = heap
  const [firstRss = 0] = rss
  expect(Math.max(...heap) - first).toBeLessThan(9e6)
  expect(Math.max(...rss) - firstRss).toBeLessThan(100e6)
  expect(peakRss).toBeLessThan(400e6)
})
