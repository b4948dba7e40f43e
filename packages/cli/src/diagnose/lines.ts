/**
 * The only lines that are looked at have one of these words; `completed` and a status is the last line of a request at Rails. Matching runs
 * over whole chunks as Latin-1, several hundred MB a second; what cannot matter is never decoded, split or parsed.
 */
const telling =
  /token|grant|oauth|completed [1-5]\d\d |refresh|credential|invalid_|revok|clock|(?:sign|log)(?:ed|ged)?[ _-]?(?:in|out)|password.{0,20}(?:reset|change)|(?<=(?:chang|reset|updat)\w{0,4} \w{1,5} )password|openid-connect/gi

/** Of a longer line only the beginning is looked at, bytes. */
const longest = 64 * 1024
/** So many lines above and below a line may belong to the same record. */
const recordReach = 30

/** A line that may matter. */
export interface RawLine {
  number: number
  text: string
  /** Where it may go on from: the nearest line above it of which that is true, with all that is between. */
  above: (wanted: (text: string) => boolean) => { number: number; lines: string[] } | undefined
  /** The lines right below it that begin with white space or close a bracket. */
  below: () => string[]
}

/** What has been read so far. */
export interface LineCount {
  bytes: number
  lines: number
  /** Longer than 64 KiB: their end was not looked at. */
  cut: number
}

/** Splits what comes in chunks, whatever their borders, and gives the lines that may matter, in batches. */
export async function* tellingLines(chunks: AsyncIterable<Buffer>, count: LineCount): AsyncGenerator<RawLine[]> {
  let rest: Buffer = Buffer.alloc(0)
  let dropping = false
  for await (const chunk of chunks) {
    count.bytes += chunk.length
    const end = chunk.lastIndexOf(10)
    if (end < 0) {
      if (!dropping) rest = Buffer.concat([rest, chunk])
      if (rest.length > longest) {
        rest = rest.subarray(0, longest)
        dropping = true
      }
      continue
    }
    // Of a line that is too long already, nothing more is taken.
    const whole = Buffer.concat([rest, chunk.subarray(dropping ? chunk.indexOf(10) : 0, end + 1)])
    const found = tellingIn(whole, count)
    rest = Buffer.from(chunk.subarray(end + 1))
    dropping = false
    if (found.length > 0) yield found
  }
  if (rest.length > 0) {
    const found = tellingIn(Buffer.concat([rest, Buffer.from('\n')]), count)
    if (found.length > 0) yield found
  }
}

/** @param whole Complete lines only. */
function tellingIn(whole: Buffer, count: LineCount): RawLine[] {
  const text = whole.toString('latin1')
  const found: RawLine[] = []
  let counted = 0
  const countTo = (end: number): void => {
    for (let at = text.indexOf('\n', counted); at >= 0 && at < end; at = text.indexOf('\n', counted)) {
      count.lines++
      counted = at + 1
    }
  }
  telling.lastIndex = 0
  for (let hit = telling.exec(text); hit !== null; hit = telling.exec(text)) {
    const start = text.lastIndexOf('\n', hit.index) + 1
    const end = text.indexOf('\n', hit.index)
    telling.lastIndex = end
    countTo(start)
    if (end - start > longest) count.cut++
    const number = count.lines + 1
    found.push({
      number,
      text: decode(whole, start, end),
      above: (wanted) => findAbove(whole, start, number, wanted),
      below: () => indentedBelow(whole, end),
    })
  }
  countTo(text.length)
  return found
}

function findAbove(
  whole: Buffer,
  start: number,
  number: number,
  wanted: (text: string) => boolean,
): { number: number; lines: string[] } | undefined {
  const lines: string[] = []
  for (let end = start - 1; lines.length < recordReach && end > 0; ) {
    const from = whole.lastIndexOf(10, end - 1) + 1
    const text = decode(whole, from, end)
    lines.unshift(text)
    if (wanted(text)) return { number: number - lines.length, lines }
    end = from - 1
  }
  return undefined
}

function indentedBelow(whole: Buffer, end: number): string[] {
  const lines: string[] = []
  for (let from = end + 1; lines.length < recordReach && from < whole.length; ) {
    const first = whole[from]
    if (first !== 32 && first !== 9 && first !== 125) break
    const to = whole.indexOf(10, from)
    lines.push(decode(whole, from, to))
    from = to + 1
  }
  return lines
}

function decode(whole: Buffer, start: number, end: number): string {
  const stop = Math.min(end, start + longest)
  return whole.toString('utf8', start, whole[stop - 1] === 13 ? stop - 1 : stop)
}
