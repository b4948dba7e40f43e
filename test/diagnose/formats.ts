import { gzipSync } from 'node:zlib'
import type { Happening } from './happening.ts'

/** Writes happenings as one kind of log does. */
export interface Format {
  ending: string
  write(happenings: readonly Happening[]): string | Buffer
}

const lines = (write: (happening: Happening) => string | undefined, ending = 'log.txt'): Format => ({
  ending,
  write: (happenings) =>
    happenings
      .map(write)
      .filter((line) => line !== undefined)
      .map((line) => `${line}\n`)
      .join(''),
})

const levels = { info: 30, warn: 40, error: 50 } as const
const iso = (at: number): string => new Date(at).toISOString()
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function clf(at: number): string {
  const [date = '', time = ''] = iso(at).split('T')
  const [year, month, day] = date.split('-')
  return `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`
}

const pino = ({ at, level, message, fields, by: { host: hostname, pid, worker }, http }: Happening): string =>
  JSON.stringify({
    level: levels[level],
    time: at,
    pid,
    hostname,
    ...(worker === undefined ? {} : { worker }),
    ...fields,
    ...(http
      ? { req: { method: http.method, url: http.path }, res: { statusCode: http.status }, responseTime: http.ms }
      : {}),
    msg: message,
  })

const logfmt = ({ at, level, message, fields, by: { host, pid }, http }: Happening): string => {
  const all = {
    ts: iso(at),
    level,
    msg: message,
    host,
    pid,
    ...fields,
    ...(http ? { status: http.status, duration_ms: http.ms } : {}),
  }
  return Object.entries(all)
    .map(([name, value]) => `${name}=${/[\s"=]/.test(String(value)) ? JSON.stringify(value) : value}`)
    .join(' ')
}

const said = ({ message, fields }: Happening): string =>
  [
    message,
    ...Object.entries(fields ?? {}).map(
      ([name, value]) => `${name}=${/\s/.test(String(value)) ? JSON.stringify(value) : value}`,
    ),
  ].join(' ')

export const formats = {
  pino: lines(pino, 'jsonl'),
  gzip: {
    ending: 'jsonl.gz',
    // Without a time of packing in its header, so that the same log is the same file.
    write: (happenings) => gzipSync(happenings.map((one) => `${pino(one)}\n`).join(''), { level: 9 }),
  },
  bunyan: lines(
    ({ at, level, message, fields, by: { host: hostname, pid } }) =>
      JSON.stringify({
        name: 'sync',
        hostname,
        pid,
        level: levels[level],
        ...fields,
        msg: message,
        time: iso(at),
        v: 0,
      }),
    'jsonl',
  ),
  winstonJson: lines(
    ({ at, level, message, fields, by }) =>
      JSON.stringify({ level, message, service: 'sync', ...fields, worker: by.worker ?? by.pid, timestamp: iso(at) }),
    'jsonl',
  ),
  winstonText: lines(
    ({ at, level, message, fields, by: { pid } }) =>
      `${iso(at).replace('T', ' ').replace('Z', '')} [${pid}] ${level}: ${message} ${JSON.stringify(fields ?? {})}`,
  ),
  logfmt: lines(logfmt),
  python: lines(
    (one) =>
      `${iso(one.at).replace('T', ' ').replace('.', ',').replace('Z', '')} ${one.level.toUpperCase().padEnd(5)} [${one.by.worker ?? one.by.pid}] acme.sync - ${said(one)}`,
  ),
  nginx: lines(
    ({ at, http }) =>
      http &&
      `${http.address} - - [${clf(at)}] "${http.method} ${http.path} HTTP/1.1" ${http.status} ${http.status < 300 ? 1184 : 77} "-" "${http.agent ?? 'axios/1.21.1'}"`,
  ),
  morgan: lines(
    ({ at, http }) => http && `${iso(at)} ${http.method} ${http.path} ${http.status} ${http.ms}.218 ms - 77`,
  ),
  docker: lines(
    (one) => JSON.stringify({ log: `${pino(one)}\n`, stream: 'stdout', time: iso(one.at).replace('Z', '417Z') }),
    'json.txt',
  ),
  journalJson: lines(
    (one) =>
      JSON.stringify({
        __REALTIME_TIMESTAMP: String(one.at * 1000),
        _HOSTNAME: one.by.host,
        _PID: String(one.by.pid),
        SYSLOG_IDENTIFIER: 'acme-sync',
        PRIORITY: one.level === 'error' ? '3' : '6',
        MESSAGE: said(one),
      }),
    'jsonl',
  ),
  journalIso: lines(
    (one) => `${iso(one.at).replace(/\.\d+Z/, '+0000')} ${one.by.host} acme-sync[${one.by.pid}]: ${said(one)}`,
  ),
  har: {
    ending: 'har',
    write: (happenings) =>
      `${JSON.stringify({ log: { version: '1.2', creator: { name: 'WebInspector', version: '537.36' }, entries: happenings.flatMap(exchangeOf) } }, null, 2)}\n`,
  },
} satisfies Record<string, Format>

function exchangeOf({ at, http }: Happening): object[] {
  if (http === undefined) return []
  const { method, path, status, ms, sent = '', answer = '' } = http
  return [
    {
      startedDateTime: iso(at - ms),
      time: ms,
      request: {
        method,
        url: `https://login.example.com${path}`,
        headers: [],
        postData: { mimeType: 'application/x-www-form-urlencoded', text: sent },
      },
      response: {
        status,
        statusText: '',
        headers: [],
        content: { size: answer.length, mimeType: 'application/json', text: answer },
      },
    },
  ]
}
