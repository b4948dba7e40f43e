import type { Terminal } from '../terminal.ts'
import { alive, draw, refused } from './glyphs.ts'
import { columnOf, drawLane, type Scale } from './lane.ts'
import type { What } from './messages.ts'
import type { ProcessTimeline, Timeline } from './result.ts'

/** Columns left of the lanes, and those kept free right of them. */
const margin = 13
const outcomes = 18
/** At most so many processes get a lane; the others are counted. */
const mostLanes = 8

/** The scale on which timelines are comparable: as long as the longest of them. */
export function scaleOf(timelines: Timeline[], { columns }: Terminal): Scale {
  return {
    span: Math.max(1, ...timelines.map(({ durationMs }) => durationMs)),
    width: Math.min(Math.max(columns, 60), 120) - margin - outcomes,
  }
}

/** One expiry of one side: a lane for every process, then one for the login. */
export function drawTimeline(title: string, timeline: Timeline, scale: Scale, terminal: Terminal): string[] {
  const { paint } = terminal
  const line = (label: string, lane: string, outcome: string): string =>
    `  ${paint('dim', label.padEnd(margin - 3))} ${lane} ${outcome}`
  const { processes } = timeline
  const shown = pickLanes(processes)
  const lines = shown.map((index) => {
    const process = processes[index]
    return process
      ? line(nameOf(process, index), drawLane(process, scale, terminal), drawOutcome([process], terminal))
      : ''
  })
  const others = processes.filter((_, index) => !shown.includes(index))
  if (others.length > 0) {
    const label = `and ${others.length} more ${others[0]?.name === undefined ? 'processes' : 'threads'}, not drawn`
    lines.push(line('...', paint('dim', label.padEnd(scale.width)), drawOutcome(others, terminal)))
  }
  return [paint('bold', title), ...lines, line('the login', ...drawLogin(timeline, scale, terminal))]
}

/** The time below the lanes. */
export function drawAxis(scale: Scale, { paint }: Terminal): string {
  const { span, width } = scale
  const steps = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000]
  const step = steps.find((ms) => (ms / span) * width >= 9) ?? span
  let axis = ''
  for (let ms = 0; ms <= span; ms += step) {
    const last = ms + step > span
    axis = axis.padEnd(columnOf(ms, scale)) + (last ? `${ms} ms` : ms)
  }
  return `${' '.repeat(margin)}${paint('dim', axis)}`
}

/** Where not all have a place: first those that got tokens, then those that sent a refresh token, then the others. */
function pickLanes(processes: ProcessTimeline[]): number[] {
  const rankOf = ({ marks }: ProcessTimeline): number => {
    const did = (wanted: What): boolean => marks.some(({ what }) => what === wanted)
    return did('kept') ? 0 : did('posted') ? 1 : 2
  }
  return processes
    .map((process, index) => ({ index, rank: rankOf(process) }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .slice(0, mostLanes)
    .map(({ index }) => index)
    .sort((a, b) => a - b)
}

export function nameOf({ name }: ProcessTimeline, index: number): string {
  return name ?? `process ${index + 1}`
}

function drawOutcome(processes: ProcessTimeline[], { paint }: Terminal): string {
  const succeeded = processes.reduce((sum, process) => sum + process.succeeded, 0)
  const failed = processes.reduce((sum, process) => sum + process.failed, 0)
  const good = paint('green', `${succeeded} ok`)
  const bad = paint('red', `${failed} failed`)
  if (failed === 0) return good
  return succeeded === 0 ? bad : `${good}, ${bad}`
}

function drawLogin({ revokedAt }: Timeline, scale: Scale, terminal: Terminal): [lane: string, outcome: string] {
  const { paint } = terminal
  if (revokedAt === undefined) return [draw(alive, scale.width, terminal), paint(['green', 'bold'], 'alive')]
  const column = columnOf(revokedAt, scale)
  const rest = ' '.repeat(scale.width - column - 1)
  return [draw(alive, column, terminal) + draw(refused, 1, terminal) + rest, paint(['red', 'bold'], 'REVOKED')]
}
