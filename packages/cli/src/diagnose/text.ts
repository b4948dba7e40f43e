import { wrap } from '../demo/story.ts'
import { drawTimeline } from '../report/terminal-timeline.ts'
import type { Terminal } from '../terminal.ts'
import { adviceFor } from './advice.ts'
import type { Diagnosis } from './diagnose.ts'
import { choose, evidenceOf, sayTime } from './evidence.ts'
import type { Cluster } from './finding.ts'
import type { Finding } from './findings.ts'
import { pictureOf } from './picture.ts'
import { presented } from './presented.ts'
import { sayCounts, sayFinding, sayVerdict } from './sentences.ts'
import { nameOf } from './source.ts'

const mostClusters = 3
const mostEvidence = 8
/** Of the terminal, for one line of a log. */
const mostLines = 3

/** The diagnosis for a terminal, no line wider than it (from 60 columns on). */
export function tell(diagnosis: Diagnosis, terminal: Terminal): string {
  const { paint } = terminal
  const lines = [paint('dim', sayCounts(diagnosis)), '', ...paragraph(sayVerdict(diagnosis), '', terminal)]
  diagnosis.findings.forEach((finding, index) => {
    lines.push('', ...tellFinding(finding, index + 1, terminal))
  })
  return `${lines.join('\n')}\n`
}

function tellFinding(finding: Finding, number: number, terminal: Terminal): string[] {
  const { paint } = terminal
  const { title, meaning, steps } = adviceFor(finding.kind, finding.layer)
  const { clusters, more } = presented(finding, mostClusters)
  return [
    `${paint('bold', `${number}. ${title}`)}`,
    ...paragraph(sayFinding(finding), '   ', terminal).map((line) => paint('dim', line)),
    '',
    ...paragraph(meaning, '   ', terminal),
    ...clusters.flatMap((cluster) => tellCluster(cluster, terminal)),
    ...(more > 0 ? ['', `   and ${more} more like ${more === 1 ? 'it' : 'these'}`] : []),
    '',
    '   What to do',
    ...steps.flatMap((step, n) => item(step, `${n + 1}.`, terminal)),
  ]
}

function tellCluster(cluster: Cluster, terminal: Terminal): string[] {
  const { paint, columns } = terminal
  const picture = pictureOf(cluster)
  const width = widthOf(terminal)
  const chosen = choose(cluster, mostEvidence).map(evidenceOf)
  const places = chosen.map(({ file, line }) => `${nameOf(file)}:${line}`)
  const place = width - 44
  const left = cluster.count - chosen.length
  return [
    '',
    ...paragraph(picture.title, '   ', terminal).map((line) => paint('bold', line)),
    ...(picture.lanes.length > 1
      ? drawTimeline(picture, { ...terminal, columns: Math.min(columns, 120) - 1 }).map((line) => ` ${line}`)
      : []),
    '',
    ...cluster.because.flatMap((reason) => item(reason, terminal.unicode ? '•' : '-', terminal)),
    '',
    ...chosen.flatMap(({ at, what, text }, n) => {
      const when = at === undefined ? '' : `  ${sayTime(at).slice(11)}`
      const told = sliced(text, width - 5, mostLines).map((line) => `     ${line}`)
      return [`   ${paint('cyan', tail(places[n] ?? '', place))}${paint('dim', `${when}  ${what}`)}`, ...told]
    }),
    ...(left > 0 ? [paint('dim', `   and ${left} more lines`)] : []),
  ]
}

function widthOf({ columns }: Terminal): number {
  return Math.min(Math.max(columns, 60), 120)
}

function paragraph(text: string, indent: string, terminal: Terminal): string[] {
  return wrap(text, Math.min(widthOf(terminal), 100) - indent.length).map((line) => `${indent}${line}`)
}

function item(text: string, bullet: string, terminal: Terminal): string[] {
  const hanging = ' '.repeat(bullet.length + 1)
  return paragraph(text, `   ${hanging}`, terminal).map((line, n) =>
    n === 0 ? `   ${bullet} ${line.trimStart()}` : line,
  )
}

/** Lines of a log have their spaces anywhere: cut hard. */
function sliced(text: string, width: number, most: number): string[] {
  const room = width * most
  const whole = text.length > room ? `${text.slice(0, room - 3)}...` : text
  return Array.from({ length: Math.ceil(whole.length / width) }, (_, n) => whole.slice(n * width, (n + 1) * width))
}

/** The end of a path says more than its beginning. */
function tail(text: string, width: number): string {
  return text.length > width ? `...${text.slice(text.length - width + 3)}` : text
}
