import { isTokenEndpoint } from './endpoint.ts'
import type { Entry } from './entry.ts'

const started = /\bStarted (?<method>POST) "(?<path>[^"\s]{1,300})" for (?<remoteaddr>[\da-f.:]{2,45})/
const parameters = /\bParameters: \{.{0,2000}?"grant_type" ?=> ?"(?<grant>\w{1,60})"/
const client = /"client_id" ?=> ?"(?<clientid>[^"]{1,80})"/
const completed = /\bCompleted (?<status>[1-5]\d\d) .{0,60}?\bin (?<durationms>\d+)ms/
/** What `config.log_tags = [:request_id]` puts before every line: unlike a word in brackets it has a digit. */
const tag = /\[(?=[^\]\s]*\d)[\w-]{4,80}\]/

/** Whether it is a line of its own, also where only the first of a request has a time. */
export function isTagged(text: string): boolean {
  return text.search(tag) === 0
}

const mostOpen = 1_000

/**
 * Rails writes of a request one line with the path and another with the status. Told together by the request's tag, the second is as good
 * as a line of an access log; without a tag nobody knows which belong together.
 */
export function createRailsRequests(): (entry: Entry) => Entry {
  const open = new Map<string, Record<string, string>>()
  return (entry) => {
    const request = tag.exec(entry.text)?.[0]
    if (request === undefined) return entry
    const begun = started.exec(entry.text)?.groups
    if (begun !== undefined) {
      const { path = '' } = begun
      if (isTokenEndpoint(path)) open.set(request, { ...begun, requestid: request.slice(1, -1) })
      if (open.size > mostOpen) for (const oldest of open.keys()) if (open.size > mostOpen * 0.8) open.delete(oldest)
      return entry
    }
    const of = open.get(request)
    if (of === undefined) return entry
    const grant = parameters.exec(entry.text)?.groups?.['grant']
    if (grant === 'refresh_token') Object.assign(of, client.exec(entry.text)?.groups)
    else if (grant !== undefined) open.delete(request)
    const end = completed.exec(entry.text)?.groups
    if (end === undefined) return entry
    open.delete(request)
    return { ...entry, fields: new Map([...entry.fields, ...Object.entries(of), ...Object.entries(end)]) }
  }
}
