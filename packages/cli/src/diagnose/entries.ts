import type { Entry } from './entry.ts'
import { type LineCount, type RawLine, tellingLines } from './lines.ts'
import { parseLine, parseRecord } from './parse.ts'
import { createRailsRequests, isTagged } from './rails.ts'
import { readTime, type Zone } from './when.ts'

/** What has been read of one input. */
export interface ReadCount extends LineCount {
  /** Looked at, because they have a word that may matter. */
  telling: number
  /** Looked like JSON and were not; they were read as text. */
  broken: number
}

const longestText = 8 * 1024

/** The entries of a log file that is made of lines, in their order. */
export async function* readEntries(
  chunks: AsyncIterable<Buffer>,
  file: string,
  zone: Zone,
  count: ReadCount,
): AsyncGenerator<Entry[]> {
  const ofRequest = createRailsRequests()
  let last: Entry | undefined
  /** The last line that belongs to it. */
  let end = 0
  for await (const lines of tellingLines(chunks, count)) {
    count.telling += lines.length
    const entries: Entry[] = []
    for (const line of lines) {
      if (line.number <= end) continue
      const first = parseLine(line.text, zone)
      if (first.broken) count.broken++
      const json = line.text.startsWith('{')
      const goesOn = first.at === undefined && !json && !begins.test(line.text) && !isTagged(line.text)
      const above = goesOn ? recordAbove(line, zone) : undefined
      const record = [...(above?.lines ?? []), line.text]
      const number = above?.number ?? line.number
      if (!json) {
        // What is indented below belongs to it, unless it is a record of its own.
        const below = line.below()
        const own = below.findIndex((text) => readTime(text, zone) !== undefined)
        record.push(...below.slice(0, own < 0 ? below.length : own))
      }
      const { at, text, fields } = record.length === 1 ? first : parseRecord(record, zone)
      end = number + record.length - 1
      const time = at ?? first.at ?? last?.at
      last = ofRequest({
        file,
        line: number,
        text: text.slice(0, longestText),
        fields,
        ...(time === undefined ? {} : { at: time }),
      })
      // It goes on from an entry that is there already.
      if (entries.at(-1)?.line === number) entries.pop()
      entries.push(last)
    }
    if (entries.length > 0) yield entries
  }
}

/** Log lines in two: what begins so is the first. */
const begins = /^(?:trce|dbug|info|warn|fail|crit|error|debug): /

/** What a line without a time goes on from: the nearest line above that has one, or that is not indented if this one is. */
function recordAbove(line: RawLine, zone: Zone): { number: number; lines: string[] } | undefined {
  const timed = line.above((text) => readTime(text, zone) !== undefined)
  return timed ?? (/^[\s}\]]/.test(line.text) ? line.above((text) => /^\S/.test(text)) : undefined)
}
