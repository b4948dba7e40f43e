import type { Terminal } from '../terminal.ts'
import { draw, type Glyph, inVain, moments, spans } from './glyphs.ts'
import type { ProcessTimeline } from './result.ts'

/** From milliseconds to columns. */
export interface Scale {
  /** Milliseconds across the lane. */
  span: number
  /** Columns of the lane. */
  width: number
}

export function columnOf(ms: number, { span, width }: Scale): number {
  return Math.min(width - 1, Math.max(0, Math.floor((ms / span) * width)))
}

/** One process over time, in exactly `width` columns. */
export function drawLane({ marks }: ProcessTimeline, scale: Scale, terminal: Terminal): string {
  const { width } = scale
  const cells: (Glyph | undefined)[] = Array.from({ length: width }, () => undefined)
  let running: Glyph | undefined
  let next = 0
  marks.forEach(({ at, what }, index) => {
    const repeated = what === marks[index - 1]?.what
    // Two moments in one column: the later one takes the next, so that none is lost; the last ones share the last column.
    const column = Math.min(Math.max(columnOf(at, scale), next), width - 1)
    if (running) cells.fill(running, next, column)
    next = column
    const outcome =
      what === 'posted' && marks.slice(index).find((mark) => mark.what === 'kept' || mark.what === 'refused')
    const ending = (glyph: Glyph | undefined): Glyph | undefined =>
      glyph && outcome && outcome.what === 'refused' ? { ...glyph, style: inVain } : glyph
    const moment = ending(moments[what])
    if (moment && !repeated) {
      cells[column] = moment
      next = column + 1
    }
    if (what !== 'rejected') running = ending(spans[what])
  })
  return runs(cells)
    .map(([glyph, times]) => (glyph ? draw(glyph, times, terminal) : ' '.repeat(times)))
    .join('')
}

/** Equal neighbours together: one colour change for each. */
function runs(cells: (Glyph | undefined)[]): [Glyph | undefined, number][] {
  const found: [Glyph | undefined, number][] = []
  for (const cell of cells) {
    const last = found.at(-1)
    if (last && last[0] === cell) last[1]++
    else found.push([cell, 1])
  }
  return found
}
