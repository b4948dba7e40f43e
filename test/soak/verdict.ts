import type { Sample } from './sample.ts'

export type Measure = Exclude<keyof Sample, 'requests'>

/** How one measure went. */
export interface Trend {
  measure: Measure
  first: number
  last: number
  median: number
  /** By which it grew for each thousand requests. */
  perThousandRequests: number
  /** What that makes of the samples that were judged. */
  growth: number
  /** Up to which it counts as flat. */
  allowed: number
  flat: boolean
}

/** Noise: the larger of an amount and a part of the median. A leak exceeds any of it, it only has to go on for long enough. */
const noise: Readonly<Record<Measure, readonly [amount: number, part: number]>> = {
  heap: [1.5 * 1024 * 1024, 0.03],
  rss: [16 * 1024 * 1024, 0.12],
  handles: [6, 0.2],
  descriptors: [8, 0.1],
  listeners: [3, 0],
  files: [6, 0],
}

/** The part of a run at its beginning in which caches fill and code is compiled. */
const warmUp = 1 / 3

/**
 * Judges by the slope, not by time or size: of all pairs of samples the median (Theil and Sen), which neither one late collection nor one
 * burst of work moves.
 */
export function judge(samples: readonly Sample[]): Trend[] {
  const judged = samples.slice(Math.floor(samples.length * warmUp))
  const [first, last] = [judged.at(0), judged.at(-1)]
  if (first === undefined || last === undefined || judged.length < 5)
    throw new Error(`${samples.length} samples are too few to tell a slope. Run for longer.`)
  return (Object.keys(noise) as Measure[]).map((measure) => {
    const values = judged.map((sample) => sample[measure])
    const slope = slopeOf(judged.map((sample, place) => [sample.requests, values[place] ?? 0]))
    const growth = slope * (last.requests - first.requests)
    const [amount, part] = noise[measure]
    const allowed = Math.max(amount, part * median(values))
    return {
      measure,
      first: first[measure],
      last: last[measure],
      median: median(values),
      perThousandRequests: slope * 1000,
      growth,
      allowed,
      flat: growth <= allowed,
    }
  })
}

function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const slopes = points.flatMap(([x, y], place) =>
    points.slice(place + 1).flatMap(([later, value]) => (later > x ? [(value - y) / (later - x)] : [])),
  )
  return median(slopes)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length / 2
  const [below = 0, above = below] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return (below + above) / 2
}
