import type { Soak } from './run.ts'
import type { Sample } from './sample.ts'
import type { Measure, Trend } from './verdict.ts'

/** A soak, for people. */
export function describeSoak(soak: Soak): string {
  const {
    minutes,
    seed,
    stores,
    rounds,
    requests,
    refreshes,
    failures,
    unexpected,
    samples,
    trends,
    cpuPercent,
    flat,
  } = soak
  const trouble = Object.entries(failures).map(([what, times]) => `${times} x ${what}`)
  return [
    `${minutes} minutes from seed ${seed}: ${requests} requests and ${refreshes} refreshes in ${rounds} rounds on ${stores.join(' and ')}, ${samples} samples, ${cpuPercent} % of a core`,
    `  ${trouble.join(', ')}`,
    ...trends.map(describeTrend),
    ...unexpected.map((what) => `UNEXPECTED  ${what}`),
    flat ? 'Nothing grew.' : 'NOT FLAT.',
  ].join('\n')
}

function describeTrend({ measure, first, last, growth, allowed, flat }: Trend): string {
  const [from, to, by, most] = [first, last, growth, allowed].map((amount) => inUnits(measure, amount))
  return `  ${measure.padEnd(11)} ${from} to ${to}; slope over the run ${by}, up to ${most} is noise: ${flat ? 'flat' : 'GROWS'}`
}

export function describeSample({ requests, ...sample }: Sample): string {
  const measures = Object.entries(sample) as [Measure, number][]
  return `${requests} requests: ${measures.map(([name, value]) => `${name} ${inUnits(name, value)}`).join(', ')}`
}

function inUnits(measure: Measure, amount: number): string {
  if (measure !== 'heap' && measure !== 'rss') return String(Math.round(amount * 10) / 10)
  return `${(amount / 2 ** 20).toFixed(2)} MiB`
}
