import type { Terminal } from '../terminal.ts'
import { adopted, calling, draw, type Glyph, kept, posted, posting, refused, rejected, waiting } from './glyphs.ts'
import type { What } from './messages.ts'
import type { Timeline } from './result.ts'

const entries: { shownFor: What; glyphs: Glyph[]; meaning: string }[] = [
  { shownFor: 'posted', glyphs: [posted, posting], meaning: 'sends the refresh token' },
  { shownFor: 'kept', glyphs: [kept], meaning: 'gets new tokens' },
  { shownFor: 'refused', glyphs: [refused], meaning: 'is refused' },
  { shownFor: 'waiting', glyphs: [waiting], meaning: 'waits for another process' },
  { shownFor: 'adopted', glyphs: [adopted], meaning: 'adopts its tokens' },
  { shownFor: 'rejected', glyphs: [rejected], meaning: '401 from the API' },
  { shownFor: 'finished', glyphs: [calling], meaning: 'calls the API' },
]
const indent = '  '
const gap = '   '

/** What the characters mean, of those that the timelines hold. No line is wider than the terminal. */
export function drawLegend(timelines: Timeline[], terminal: Terminal): string[] {
  const held = new Set(timelines.flatMap(({ processes }) => processes).flatMap(({ marks }) => marks.map((m) => m.what)))
  const lines: { text: string; length: number }[] = []
  for (const { shownFor, glyphs, meaning } of entries) {
    if (!held.has(shownFor)) continue
    const length = glyphs.length + 1 + meaning.length
    const text = `${glyphs.map((glyph) => draw(glyph, 1, terminal)).join('')} ${terminal.paint('dim', meaning)}`
    const last = lines.at(-1)
    if (last && last.length + gap.length + length <= terminal.columns) {
      last.text += gap + text
      last.length += gap.length + length
    } else lines.push({ text: indent + text, length: indent.length + length })
  }
  return lines.map(({ text }) => text)
}
