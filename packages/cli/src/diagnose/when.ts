const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec'
const clock = String.raw`(?<h>\d{1,2}):(?<m>\d\d):(?<s>\d\d)(?:[.,](?<f>\d{1,9}))?(?: ?(?<half>[AP]M))?`
const zone = String.raw`(?: ?(?<z>Z|UTC|GMT|[+-]\d\d:?\d\d)(?![\w]))?`

/** What people write, the more telling first. */
const shapes = [
  String.raw`(?<y>\d{4})[-/](?<mo>\d\d)[-/](?<d>\d\d)(?:[T ,:]| at )+${clock}${zone}`,
  String.raw`(?<d>\d{1,2})[/ -](?<mo>${months})[/ -](?<y>\d{4})[: ]${clock}${zone}`,
  String.raw`(?<mo>${months}) +(?<d>\d{1,2}),? (?:(?<y>\d{4}),? )?${clock}${zone}`,
  String.raw`(?<mo>\d{1,2})/(?<d>\d{1,2})/(?<y>\d{4}),? ${clock}${zone}`,
  String.raw`\b[IWEF](?<mo>\d\d)(?<d>\d\d) ${clock}`,
  String.raw`^(?<mo>\d\d)-(?<d>\d\d) +${clock} `,
  // The time alone: today, so that what is close stays close.
  String.raw`^\W?${clock}\W`,
].map((shape) => new RegExp(shape))
const epoch = /^\W?(1\d{9})(?:\.(\d+)|(\d{3})(?:\d{3})*)?(?=\D|$)/

export interface Zone {
  /** Minutes east of UTC, for times that do not say. */
  offset: number
  /** The year of times that have none is the last one in which they are not after this (epoch ms). */
  now: number
}

/** The first time in the text, if it stands near its beginning; epoch milliseconds. */
export function readTime(text: string, assumed: Zone, within = 90): number | undefined {
  const head = text.length > within ? text.slice(0, within) : text
  const seconds = epoch.exec(head)
  if (seconds) return Number(seconds[1]) * 1000 + Number((seconds[3] ?? seconds[2] ?? '').padEnd(3, '0').slice(0, 3))
  for (const shape of shapes) {
    const groups = shape.exec(head)?.groups
    if (groups) return timeOf(groups, assumed)
  }
  return undefined
}

/** A JSON number as the time it must mean by its size: seconds, milli-, micro- or nanoseconds since 1970. */
export function readEpoch(value: number): number | undefined {
  for (const unit of [1000, 1, 1e-3, 1e-6]) {
    const at = value * unit
    if (at > 1e12 && at < 4e12) return Math.round(at)
  }
  return undefined
}

function timeOf(groups: Record<string, string | undefined>, assumed: Zone): number | undefined {
  const today = new Date(assumed.now).toISOString()
  const { y, mo = today.slice(5, 7), d = today.slice(8, 10), h, m, s, f = '', half, z } = groups
  const month = /^\d/.test(mo) ? Number(mo) - 1 : months.split('|').indexOf(mo)
  const hour = half ? (Number(h) % 12) + (half === 'PM' ? 12 : 0) : Number(h)
  const ms = Number(f.padEnd(3, '0').slice(0, 3))
  const at = (year: number): number =>
    Date.UTC(year, month, Number(d), hour, Number(m), Number(s), ms) - offsetOf(z, assumed) * 60_000
  if (y !== undefined) return at(Number(y))
  const thisYear = new Date(assumed.now).getUTCFullYear()
  const day = 86_400_000
  return at(thisYear) > assumed.now + day ? at(thisYear - 1) : at(thisYear)
}

function offsetOf(z: string | undefined, { offset }: Zone): number {
  if (z === undefined) return offset
  const parts = /^([+-])(\d\d):?(\d\d)$/.exec(z)
  return parts ? (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3])) : 0
}
