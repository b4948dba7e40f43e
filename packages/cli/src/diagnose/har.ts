import { isTokenEndpoint } from './endpoint.ts'
import type { ReadCount } from './entries.ts'
import type { Entry } from './entry.ts'
import { readEpoch } from './when.ts'

/** Longer exchanges are left out: a token request is never that long, and memory stays bounded. */
const longest = 1024 * 1024
/** No browser waits for longer, ms. */
const longestWait = 600_000
const quote = 34
const backslash = 92
const open = 123
const close = 125
const bracketOpen = 91
const bracketClose = 93

/**
 * The exchanges with token endpoints in a HAR file. The document is not parsed as a whole: objects at the depth of `log.entries[n]` are cut
 * out as they pass by.
 */
export async function* readHar(chunks: AsyncIterable<Buffer>, file: string, count: ReadCount): AsyncGenerator<Entry[]> {
  let depth = 0
  let inString = false
  let escaped = false
  let parts: Buffer[] = []
  let size = 0
  let line = 1
  let began = 1
  for await (const chunk of chunks) {
    count.bytes += chunk.length
    const entries: Entry[] = []
    let from = depth >= 4 ? 0 : -1
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]
      if (byte === 10) line++
      if (escaped) escaped = false
      else if (inString) {
        if (byte === backslash) escaped = true
        else if (byte === quote) inString = false
      } else if (byte === quote) inString = true
      else if (byte === open || byte === bracketOpen) {
        depth++
        // {"log": {"entries": [{: the fourth.
        if (depth === 4 && byte === open) {
          from = at
          began = line
          parts = []
          size = 0
        }
      } else if (byte === close || byte === bracketClose) {
        depth--
        if (depth === 3 && from >= 0) {
          if (size + at - from < longest) {
            const entry = exchangeOf(
              Buffer.concat([...parts, chunk.subarray(from, at + 1)]),
              { file, line: began },
              count,
            )
            if (entry !== undefined) entries.push(entry)
          } else count.cut++
          from = -1
        }
      }
    }
    if (from >= 0 && size < longest) {
      parts.push(Buffer.from(chunk.subarray(from)))
      size += chunk.length - from
    }
    count.lines = line
    if (entries.length > 0) yield entries
  }
}

interface Exchange {
  startedDateTime?: unknown
  time?: unknown
  pageref?: unknown
  request?: { method?: unknown; url?: unknown; postData?: { text?: unknown; params?: unknown } }
  response?: { status?: unknown; statusText?: unknown; content?: { text?: unknown; encoding?: unknown } }
}

function exchangeOf(bytes: Buffer, place: { file: string; line: number }, count: ReadCount): Entry | undefined {
  let exchange: Exchange
  try {
    exchange = JSON.parse(bytes.toString('utf8')) as Exchange
  } catch {
    count.broken++
    return undefined
  }
  const { startedDateTime, time, pageref, request, response } = exchange
  const url = String(request?.url ?? '')
  if (typeof startedDateTime !== 'string' || !isTokenEndpoint(url)) return undefined
  count.telling++
  const duration = typeof time === 'number' && time >= 0 ? Math.min(time, longestWait) : 0
  const params = Array.isArray(request?.postData?.params) ? request.postData.params : []
  const sent = String(
    request?.postData?.text ??
      params.map((p: { name?: unknown; value?: unknown } | null) => `${p?.name}=${p?.value}`).join('&'),
  )
  const content = String(response?.content?.text ?? '')
  const answer = response?.content?.encoding === 'base64' ? Buffer.from(content, 'base64').toString('utf8') : content
  const fields = new Map<string, string>(new URLSearchParams(sent.startsWith('{') ? '' : sent))
  for (const [name, value] of Object.entries(parsed(sent))) if (typeof value === 'string') fields.set(name, value)
  const status = Number(response?.status ?? 0)
  const own = new Map([
    ['method', String(request?.method ?? '')],
    ['path', url],
    // A browser writes 0 where no answer came.
    ['status', status === 0 ? '' : String(status)],
    ['durationms', String(duration)],
    ['page', String(pageref ?? '')],
  ])
  for (const name of ['client_id', 'refresh_token', 'grant_type'])
    own.set(name.replace('_', ''), fields.get(name) ?? '')
  for (const [name, value] of own) if (value === '') own.delete(name)
  const outcome = status === 0 ? `no answer (network error) ${response?.statusText ?? ''}` : String(status)
  const text = `${request?.method} ${url} ${sent} -> ${outcome} ${status < 300 ? '' : answer.slice(0, 2000)}`
  const at = Date.parse(startedDateTime) + duration
  return { ...place, text, fields: own, ...(readEpoch(at / 1000) === undefined ? {} : { at }) }
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
