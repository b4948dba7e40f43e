import type { Terminal } from '../terminal.ts'
import { sayDuration, ticks } from './axis.ts'
import { kindsOf, type Look, looks } from './marks.ts'
import type { Lane, Timeline } from './timeline.ts'

const mostLabel = 20
const mostOutcome = 22
/** More are counted, not drawn. */
const mostLanes = 10

/** The same picture as `renderTimeline`, in lines no wider than the terminal. */
export function drawTimeline({ lanes, from, to }: Timeline, terminal: Terminal): string[] {
  const { columns, paint } = terminal
  const shown = lanes.slice(0, mostLanes)
  const longest = (texts: string[], most: number): number => Math.min(most, Math.max(0, ...texts.map((t) => t.length)))
  const label = longest(
    shown.map((lane) => lane.label),
    mostLabel,
  )
  const outcome = longest(
    shown.map((lane) => lane.outcome?.text ?? ''),
    mostOutcome,
  )
  const width = Math.max(10, Math.min(columns, 120) - label - outcome - 4)
  const span = Math.max(1, to - from)
  const column = (at: number): number => Math.min(width - 1, Math.max(0, Math.floor(((at - from) / span) * width)))
  const lines = shown.map((lane) => {
    const end = lane.outcome && fit(lane.outcome.text, outcome, terminal)
    const good = lane.outcome?.good
    const painted = end && (good === undefined ? end : paint(good ? 'green' : 'red', end))
    return `  ${paint('dim', fit(lane.label, label, terminal).padEnd(label))} ${drawLane(lane, width, column, terminal)} ${painted ?? ''}`.trimEnd()
  })
  if (lanes.length > shown.length) lines.push(paint('dim', `  and ${lanes.length - shown.length} more, not drawn`))
  let axis = ''
  const places = ticks(span, Math.floor(width / 9))
  for (const ms of places) {
    const text = ms === 0 ? '0' : sayDuration(ms)
    const at = Math.min(column(from + ms), width + outcome - text.length)
    if (at > axis.length || ms === 0) axis = axis.padEnd(at) + text
  }
  lines.push(`${' '.repeat(label + 3)}${paint('dim', axis)}`)
  return [...lines, ...drawLegend(lanes.slice(0, mostLanes), terminal)]
}

function drawLane(lane: Lane, width: number, column: (at: number) => number, { unicode, paint }: Terminal): string {
  const cells: (Look | undefined)[] = Array.from({ length: width }, () => undefined)
  for (const { at, until, what } of lane.marks)
    if (looks[what].shape === undefined) cells.fill(looks[what], column(at), column(until ?? at) + 1)
  let next = 0
  let last: string | undefined
  for (const { at, what } of lane.marks) {
    if (looks[what].shape === undefined) continue
    const at0 = column(at)
    // Equal moments in one column are one; different ones stand side by side, the last ones in the last column.
    if (what === last && at0 < next) continue
    const place = Math.min(Math.max(at0, next), width - 1)
    cells[place] = looks[what]
    next = place + 1
    last = what
  }
  return cells.map((look) => (look ? paint(look.style, unicode ? look.unicode : look.ascii) : ' ')).join('')
}

function drawLegend(lanes: Lane[], { columns, unicode, paint }: Terminal): string[] {
  const lines: { text: string; length: number }[] = []
  for (const kind of kindsOf(lanes)) {
    const { meaning, style, unicode: sign, ascii } = looks[kind]
    const text = `${paint(style, unicode ? sign : ascii)} ${paint('dim', meaning)}`
    const length = meaning.length + 2
    const last = lines.at(-1)
    if (last && last.length + 3 + length <= Math.min(columns, 120)) {
      last.text += `   ${text}`
      last.length += 3 + length
    } else lines.push({ text: `  ${text}`, length: 2 + length })
  }
  return lines.map(({ text }) => text)
}

function fit(text: string, width: number, { unicode }: Terminal): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}${unicode ? '…' : '~'}` : text
}
