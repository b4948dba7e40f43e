import type { Entry } from './entry.ts'
import { type LineCount, tellingLines } from './lines.ts'
import { parseLine } from './parse.ts'
import { readTime, type Zone } from './when.ts'

/** What has been read of one input. */
export interface ReadCount extends LineCount {
  /** Looked at, because they have a word that may matter. */
  telling: number
  /** Looked like JSON and were not; they were read as text. */
  broken: number
}

/** A line without a time goes on from one that is at most so far above. */
const reach = 40
const longestText = 8 * 1024

/** The entries of a log file that is made of lines, in their order. */
export async function* readEntries(
  chunks: AsyncIterable<Buffer>,
  file: string,
  zone: Zone,
  count: ReadCount,
): AsyncGenerator<Entry[]> {
  let last: Entry | undefined
  /** The last line that belongs to it. */
  let end = 0
  for await (const lines of tellingLines(chunks, count)) {
    count.telling += lines.length
    const entries: Entry[] = []
    for (const line of lines) {
      const { broken, ...parsed } = parseLine(line.text, zone)
      if (broken) count.broken++
      const goesOn = parsed.at === undefined && !line.text.startsWith('{')
      const indented = /^[\s}\]]/.test(line.text)
      const begins = (text: string): boolean => readTime(text, zone) !== undefined
      const above = goesOn
        ? (line.above(begins) ?? (indented ? line.above((text) => /^\S/.test(text)) : undefined))
        : undefined
      if (last !== undefined && above !== undefined && last === entries.at(-1) && line.number - end <= reach) {
        if (above.number >= last.line && above.number <= end) {
          end = line.number
          last.text = `${last.text}\n${parsed.text}`.slice(0, longestText)
          last.fields = new Map([...parsed.fields, ...last.fields])
          continue
        }
      }
      const owner = above === undefined ? undefined : parseLine(above.text, zone)
      const at = parsed.at ?? owner?.at ?? last?.at
      last = {
        file,
        line: line.number,
        text: owner === undefined ? parsed.text : `${owner.text}\n${parsed.text}`.slice(0, longestText),
        fields: owner === undefined ? parsed.fields : new Map([...parsed.fields, ...owner.fields]),
        ...(at === undefined ? {} : { at }),
      }
      end = line.number
      entries.push(last)
    }
    if (entries.length > 0) yield entries
  }
}
