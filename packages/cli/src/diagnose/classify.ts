import { isRefreshEndpoint, isTokenEndpoint } from './endpoint.ts'
import type { Entry } from './entry.ts'
import { readOwnEvent } from './own-events.ts'
import type { Signal, SignalKind } from './signal.ts'
import { whoOf } from './who.ts'
import * as words from './words.ts'

/** Less than this of a line is enough to know what it says. */
const longest = 4 * 1024

/** Monitors knock at token endpoints too, with nothing to redeem. */
const probes = /probe|health|uptime|pingdom|monitor|blackbox|zabbix|nagios|statuscake/i

/** What an entry says about a login, if anything. */
export function classify(entry: Entry): Signal | undefined {
  const own = readOwnEvent(entry)
  const said = own === undefined ? meaningOf(entry) : own
  if (said === undefined || said === 'nothing') return undefined
  const { file, line, fields } = entry
  const duration = durationOf(fields)
  const at = entry.at ?? line
  return {
    file,
    line,
    at,
    ...(entry.at === undefined ? { untimed: true } : duration === undefined ? {} : { began: at - duration }),
    text: entry.text.slice(0, longest),
    who: whoOf(entry),
    ...said,
  }
}

type Meaning = Pick<Signal, 'kind' | 'status' | 'cause' | 'bare'>

function meaningOf({ text: whole, fields }: Entry): Meaning | undefined {
  const text = whole.slice(0, longest)
  const path =
    fields.get('path') ??
    fields.get('url') ??
    fields.get('uri') ??
    fields.get('requesturi') ??
    fields.get('requestpath') ??
    fields.get('csuristem') ??
    ''
  const method = fields.get('method') ?? fields.get('requestmethod') ?? fields.get('csmethod') ?? 'POST'
  const endpoint = isTokenEndpoint(path) && /^post$/i.test(method)
  if (endpoint && probes.test(fields.get('useragent') ?? '')) return undefined
  const status = statusOf(fields)
  const kind = kindOf(text, { endpoint, path, status })
  if (kind === undefined) return undefined
  return {
    kind,
    ...(status === undefined ? {} : { status }),
    ...(kind === 'dead' && words.expired.test(text)
      ? { cause: 'expired' }
      : kind === 'dead' && words.revoked.test(text)
        ? { cause: 'revoked' }
        : {}),
    ...(endpoint && (kind === 'refused' || (kind === 'kept' && !words.refreshed.test(text))) ? { bare: true } : {}),
  }
}

interface Circumstances {
  endpoint: boolean
  path: string
  status: number | undefined
}

function kindOf(text: string, { endpoint, path, status }: Circumstances): SignalKind | undefined {
  if (words.idleTalk.test(text) && !words.happened.test(text) && !endpoint) return undefined
  const failed = status === undefined ? words.wrong.test(text) : status >= 400
  if (words.missing.test(text) && words.wrong.test(text) && !words.kept.test(text)) return 'missing'
  if (words.damaged.test(text) && words.store.test(text) && !endpoint) return 'damaged'
  if (words.tolerated.test(text) && !failed) return undefined
  if (words.reused.test(text)) return words.family.test(text) ? 'family' : 'reused'
  if (words.family.test(text)) return words.ended.test(text) ? 'ended' : 'family'
  if (words.skewed.test(text) && words.wrong.test(text)) return 'skewed'
  if (words.client.test(text)) return 'client'
  if (words.idle.test(text) && words.ending.test(text) && /refresh|session|grant/i.test(text)) return 'idle'
  const about = endpoint || words.refreshing.test(text)
  if (about && (status === 429 || (status === undefined && words.throttled.test(text)))) return 'throttled'
  if (words.dead.test(text)) return words.otherGrant.test(text) ? undefined : 'dead'
  if (words.ended.test(text)) return 'ended'
  if (about && (status === undefined ? failed && words.unavailable.test(text) : status >= 500)) return 'unavailable'
  if (words.signedIn.test(text))
    return failed && status === undefined ? undefined : status === undefined || status < 400 ? 'signedIn' : undefined
  if (endpoint && status !== undefined) {
    if (status < 300) return 'kept'
    return status === 400 || status === 403 || status === 401
      ? status === 401 && !isRefreshEndpoint(path)
        ? 'client'
        : 'refused'
      : undefined
  }
  if (words.refreshed.test(text) && !words.notYet.test(text)) return 'kept'
  return undefined
}

function statusOf(fields: ReadonlyMap<string, string>): number | undefined {
  for (const name of [
    'status',
    'statuscode',
    'responsestatus',
    'responsestatuscode',
    'httpstatus',
    'httpstatuscode',
    'scstatus',
    'responsecode',
    'errstatus',
    'errorstatus',
    'errstatuscode',
    'code',
  ]) {
    const value = fields.get(name)
    if (value !== undefined && /^[1-5]\d\d$/.test(value)) return Number(value)
  }
  return undefined
}

/** How long a request took, ms. A fraction below ten without a unit is of seconds: no token request is that fast. */
function durationOf(fields: ReadonlyMap<string, string>): number | undefined {
  for (const name of [
    'durationms',
    'elapsedms',
    'responsetime',
    'responsetimems',
    'tookms',
    'took',
    'duration',
    'requesttime',
    'timetaken',
    'rt',
  ]) {
    const [, digits, unit] = /^(\d+(?:\.\d+)?) ?(ms|s)?$/.exec(fields.get(name) ?? '') ?? []
    if (digits === undefined) continue
    const seconds = unit === 's' || (unit === undefined && digits.includes('.') && Number(digits) < 10)
    return Math.min(600_000, Number(digits) * (seconds ? 1000 : 1))
  }
  return undefined
}
