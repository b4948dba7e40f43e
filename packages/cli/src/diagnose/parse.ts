import { type Entry, plainName } from './entry.ts'
import { flatten, readPairs } from './fields.ts'
import { type Unwrapped, unwrapJson, unwrapText } from './unwrap.ts'
import { readEpoch, readTime, type Zone } from './when.ts'

const timeNames = [
  'time',
  'timestamp',
  'ts',
  'datetime',
  'date',
  't',
  'asctime',
  'eventtime',
  'published',
  'when',
  'at',
  'starttime',
]
// The common and the combined format; a time in brackets, the request in quotation marks, the status behind it.
const access =
  /^(?<remoteaddr>\S+) \S+ (?<remoteuser>\S+) \[(?<time>[^\]]+)\] "(?<method>[A-Z]+) (?<path>\S+)[^"]*" (?<status>\d{3}) (?<bytes>\S+)(?: "(?<referer>[^"]*)" "(?<useragent>[^"]*)")?/
// HAProxy's: address:port, times, status, and the request at the end. Bounded: a long run of digits would be tried from each of them.
const proxied =
  /(?<![\da-f:.])(?<remoteaddr>[\d.]{7,15}|[\da-f:]{2,45}):\d{1,5} \[(?<time>[^\]]{1,60})\] \S+ \S+ [\d/+-]+ (?<status>\d{3}) .*"(?<method>[A-Z]+) (?<path>\S+)/
const request =
  /\b(?<method>POST|GET|PUT|HEAD)\b[ "]+(?<path>(?:https?:\/)?\/[^\s"',]+)["',]?(?: HTTP\/[\d.]+)?["']?(?:\s+(?:->|=>|→|-|:)?\s*(?<status>[1-5]\d\d)\b)?/
const status =
  /(?:\b(?:status(?:[ _-]?code)?|http|responded(?: with)?|answered(?: with)?|failed with|returned|got)|->|=>|→)["']?[ :=]+["']?(?:status |http )?(?<status>[1-5]\d\d)\b/i
const address = /(?<path>https?:\/\/[^\s"',\\]+)/

/** What a line says: its time and its fields, in whatever format it is. `broken`: it looked like JSON and was not. */
export interface Parsed extends Pick<Entry, 'text' | 'fields'> {
  at?: number
  broken?: true
}

export function parseLine(line: string, zone: Zone): Parsed {
  const json = line.startsWith('{') ? parseObject(line) : undefined
  if (json === undefined) {
    const parsed = parseText(unwrapText(line, zone), zone)
    return line.startsWith('{') ? { ...parsed, broken: true } : parsed
  }
  const inner = unwrapJson(json, zone)
  return inner === undefined ? parseJson(json, line, zone) : parseText(inner, zone)
}

const below = /^\s+["']?([\w.-]{1,40})["']?: ["']?([^"'\n]{1,200}?)["']?,?$/gm

/** Several lines that are one record: the first has the time, those below may be `name: value`. */
export function parseRecord(lines: readonly string[], zone: Zone): Parsed {
  const [first = '', ...others] = lines
  const { text, fields: own, at } = parseLine(first, zone)
  const rest = others.join('\n')
  const fields = new Map(own)
  for (const [, name = '', value = ''] of rest.matchAll(below)) addGroups(fields, { [plainName(name)]: value })
  for (const [name, value] of readPairs(rest)) addGroups(fields, { [name]: value })
  readExchange(rest, fields)
  return { text: `${text}\n${rest}`, fields, ...(at === undefined ? {} : { at }) }
}

function parseText(unwrapped: Unwrapped, zone: Zone): Parsed {
  const { text, at, host, program, pid } = unwrapped
  const brace = text.indexOf('{')
  const json = brace >= 0 ? parseObject(text.slice(brace)) : undefined
  const before = json === undefined ? text : text.slice(0, brace)
  const line = (access.exec(text) ?? proxied.exec(text))?.groups
  const fields = new Map(Object.entries(line ?? {}).filter(([, value]) => value !== undefined && value !== '-'))
  readPairs(before, fields)
  if (json !== undefined) for (const [name, value] of flatten(json)) if (!fields.has(name)) fields.set(name, value)
  if (line === undefined) readExchange(text, fields)
  addGroups(fields, { hostname: host, program, pid })
  const own =
    before.trim() === '' && json !== undefined ? timeIn(fields, zone) : readTime(line?.['time'] ?? before, zone)
  const time = own ?? timeIn(fields, zone) ?? at
  return { text, fields, ...(time === undefined ? {} : { at: time }) }
}

function parseJson(json: object, text: string, zone: Zone): Parsed {
  const fields = flatten(json)
  const message = fields.get('msg') ?? fields.get('message')
  if (message !== undefined) readPairs(message, fields)
  readExchange(`${message ?? ''} ${fields.get('errmessage') ?? fields.get('errormessage') ?? ''}`, fields)
  const at = timeIn(fields, zone)
  return { text, fields, ...(at === undefined ? {} : { at }) }
}

/** What prose says about an HTTP exchange. */
function readExchange(text: string, fields: Map<string, string>): void {
  for (const shape of [request, status, address]) addGroups(fields, shape.exec(text)?.groups)
}

function timeIn(fields: ReadonlyMap<string, string>, zone: Zone): number | undefined {
  for (const name of timeNames) {
    const value = fields.get(name)
    const at =
      value === undefined ? undefined : /^\d+(\.\d+)?$/.test(value) ? readEpoch(Number(value)) : readTime(value, zone)
    if (at !== undefined) return at
  }
  return undefined
}

function addGroups(fields: Map<string, string>, groups: Record<string, string | undefined> | undefined): void {
  for (const [name, value] of Object.entries(groups ?? {}))
    if (value !== undefined && !fields.has(name)) fields.set(name, value)
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined
  } catch {
    return undefined
  }
}
