const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500]
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Places on the axis, milliseconds after its beginning, at most `most` of them and in round steps. */
export function ticks(span: number, most: number): number[] {
  const round = [
    ...steps,
    ...[1, 2, 5, 10, 15, 30].map((s) => s * second),
    ...[1, 2, 5, 10, 15, 30].map((m) => m * minute),
    ...[1, 2, 6, 12].map((h) => h * hour),
    ...[1, 2, 7, 14, 30, 90, 365].map((d) => d * day),
  ]
  const step = round.find((ms) => span / ms <= most) ?? span
  return Array.from({ length: Math.floor(span / Math.max(1, step)) + 1 }, (_, n) => n * step)
}

/** A duration as people say it: `180 ms`, `2.4 s`, `3 min`, `5 h`, `12 d`. */
export function sayDuration(ms: number): string {
  const unit = (size: number, name: string): string => `${Number((ms / size).toFixed(ms < 10 * size ? 1 : 0))} ${name}`
  if (ms < second) return `${Math.round(ms)} ms`
  if (ms < 2 * minute) return unit(second, 's')
  if (ms < 2 * hour) return unit(minute, 'min')
  return ms < 2 * day ? unit(hour, 'h') : unit(day, 'd')
}
