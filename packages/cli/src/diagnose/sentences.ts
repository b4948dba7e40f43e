import type { Diagnosis } from './diagnose.ts'
import { sayTime } from './evidence.ts'
import type { Finding } from './findings.ts'

const many = new Intl.NumberFormat('en')

/** `1 line`, `2,000 lines`. */
function countOf(n: number, one: string, more = `${one}s`): string {
  return `${many.format(n)} ${n === 1 ? one : more}`
}

export function sayBytes(bytes: number): string {
  const [size, unit] = bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB']
  return `${many.format(Number((bytes / size).toFixed(1)))} ${unit}`
}

export function sayCounts({ files, count: { bytes, lines, broken, cut, telling } }: Diagnosis): string {
  const parts = [
    countOf(files.length, 'log'),
    countOf(lines, 'line'),
    sayBytes(bytes),
    `${many.format(telling)} looked at`,
    broken > 0 && `${many.format(broken)} broken`,
    cut > 0 && `${many.format(cut)} too long and cut`,
  ]
  return parts.filter((part) => typeof part === 'string').join(', ')
}

/** The first sentence of every report. */
export function sayVerdict({ findings, signals }: Diagnosis): string {
  const race = findings.find(({ kind }) => kind === 'refresh_race')
  if (race) {
    const sure = { high: 'This is', medium: 'This is probably', low: 'This may be' }[race.confidence]
    const logins = race.logins > 0 ? `, in ${countOf(race.logins, 'login')}` : ''
    return `${sure} a refresh race: ${race.clusterCount === 1 ? 'once' : countOf(race.clusterCount, 'time')}${logins}.${findings.length > 1 ? ' There is more.' : ''}`
  }
  if (findings.length > 0) return `No refresh race. ${countOf(findings.length, 'other finding')}.`
  const told = Object.values(signals).reduce((sum, n) => sum + n, 0)
  return told > 0
    ? `Nothing found. ${countOf(told, 'line')} ${told === 1 ? 'is' : 'are'} about token requests or logins; none of them shows a failure that is more than one of a kind.`
    : 'Nothing found: no line is about token requests or logins. Are these the logs of the client, the authorization server, or a proxy between them?'
}

/** The second time without the date where it is the same day. */
function sayRange(from: number, to: number): string {
  const [first, last] = [sayTime(from), sayTime(to)]
  if (first === last) return `${first} UTC`
  return `${first} to ${last.slice(0, 10) === first.slice(0, 10) ? last.slice(11) : last} UTC`
}

const layers: Record<Finding['layer'], string> = {
  'in-process': 'within one process',
  'cross-process': 'between processes',
  'cross-machine': 'between machines',
  persistence: 'where credentials are stored',
  configuration: 'in the configuration',
  'authorization-server': 'at the authorization server',
  unknown: 'where, the lines do not say',
}

/** How sure, where, how often, when. */
export function sayFinding({
  confidence,
  layer,
  clusterCount,
  logins,
  lines,
  from,
  to,
  untimed,
  spread,
}: Finding): string {
  const parts = [
    `${confidence} confidence`,
    layers[layer],
    `${clusterCount === 1 ? 'once' : countOf(clusterCount, 'time')} (${countOf(lines, 'line')}${logins > 0 ? `, ${countOf(logins, 'login')}` : ''})`,
    !untimed && sayRange(from, to),
    spread,
  ]
  return parts.filter((part) => typeof part === 'string').join('; ')
}
