import { readEpoch, readTime, type Zone } from './when.ts'

/** A line without what was written around it on its way, and what that said. */
export interface Unwrapped {
  text: string
  at?: number
  host?: string
  /** Unit, container or program. */
  program?: string
  pid?: string
}

const cri = /^(\d{4}-\d\d-\d\dT\S+) std(?:out|err) [FP] /
const compose = /^([\w.-]{1,60}?) +\| /
// journalctl -o short-iso, and syslog of both kinds: time host program[pid]: message
const syslog =
  /^(?:<\d+>\d? ?)?(\d{4}-\d\d-\d\dT\S+|(?:[A-Z][a-z]{2}) +\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)?) ([\w.-]+) ([\w./@-]+?)(?:\[(\d+)\])?: /

// Heroku's: time, then who wrote it and on which dyno.
const dyno = /^(\d{4}-\d\d-\d\dT\S+) (?:app|heroku)\[([\w.-]{1,60})\]: /

/** Takes off what Docker, Kubernetes, Compose, the journal and syslog put before a line in text. */
export function unwrapText(line: string, zone: Zone): Unwrapped {
  const docker = cri.exec(line)
  if (docker) return { ...nested(line.slice(docker[0].length), zone), ...timeOf(docker[1], zone) }
  const composed = compose.exec(line)
  if (composed?.[1] !== undefined) return { program: composed[1], ...nested(line.slice(composed[0].length), zone) }
  const routed = dyno.exec(line)
  if (routed?.[2] !== undefined)
    return { program: routed[2], ...nested(line.slice(routed[0].length), zone), ...timeOf(routed[1], zone) }
  const journal = syslog.exec(line)
  if (journal === null) return { text: line }
  const [whole, time, host = '', program = '', pid] = journal
  return {
    ...nested(line.slice(whole.length), zone),
    ...timeOf(time, zone),
    host,
    program,
    ...(pid === undefined ? {} : { pid }),
  }
}

/** Takes off the JSON around a line: Docker's json-file and the journal's. Undefined if it is neither. */
export function unwrapJson(object: Readonly<Record<string, unknown>>, zone: Zone): Unwrapped | undefined {
  const { log, stream, time, MESSAGE, __REALTIME_TIMESTAMP: micros, _PID, _HOSTNAME, SYSLOG_IDENTIFIER } = object
  if (typeof log === 'string' && stream !== undefined)
    return { ...unwrapText(log.trimEnd(), zone), ...(typeof time === 'string' ? timeOf(time, zone) : {}) }
  if (MESSAGE === undefined || MESSAGE === null) return undefined
  // The journal gives what is not printable text as a list of bytes.
  const text = Array.isArray(MESSAGE) ? Buffer.from(MESSAGE.map(Number)).toString('utf8') : String(MESSAGE)
  const at = readEpoch(Number(micros))
  return {
    text: text.trimEnd(),
    ...(at === undefined ? {} : { at }),
    ...(typeof _PID === 'string' ? { pid: _PID } : {}),
    ...(typeof _HOSTNAME === 'string' ? { host: _HOSTNAME } : {}),
    ...(typeof SYSLOG_IDENTIFIER === 'string' ? { program: SYSLOG_IDENTIFIER } : {}),
  }
}

function nested(text: string, zone: Zone): Unwrapped {
  return cri.test(text) || syslog.test(text) ? unwrapText(text, zone) : { text }
}

function timeOf(text: string | undefined, zone: Zone): { at?: number } {
  const at = text === undefined ? undefined : readTime(text, zone)
  return at === undefined ? {} : { at }
}
