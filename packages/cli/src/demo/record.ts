import { access, constants, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { CommandError, exitCodes } from '../failure.ts'
import { type Html, html } from '../report/html.ts'
import { renderPage } from '../report/page.ts'
import type { Timeline as Drawn, Lane, Mark } from '../report/timeline.ts'
import { renderTimeline } from '../report/timeline-svg.ts'
import { clientNames } from './clients/client.ts'
import { nameOf } from './picture.ts'
import type { DemoResult, ProcessTimeline, Side, Timeline } from './result.ts'
import { conclude, crowdOf } from './story.ts'

/** The demo as a page: both pictures on one scale, what was counted, and what it means. */
export function renderRecord(result: DemoResult): string {
  const { timeline, server, clients } = result
  const longest = Math.max(1, timeline.without.durationMs, timeline.with.durationMs)
  const shown = clientNames.filter((name) => clients.includes(name))
  const title = 'One refresh, every caller'
  return renderPage(
    `tokenflight demo: ${title}`,
    html`<style>
table { border-collapse: collapse; margin: 1.5rem 0 } caption { text-align: left; font-weight: 600; padding-bottom: .3rem }
th, td { border-top: 1px solid var(--line); padding: .25rem 1.2rem .25rem 0; text-align: left; font-weight: 400 }
td, thead th { text-align: right }
</style>
<main>
<h1>${title}</h1>
<p>${crowdOf(result)} on ${shown.join(', ')}; one login at ${server.name} ${server.version}, which rotates refresh tokens and revokes the login when a spent one comes back.</p>
${renderTimeline(drawnOf('The usual way', timeline.without, longest))}
${renderTimeline(drawnOf('With tokenflight, the same callers', timeline.with, longest))}
<table>
<caption>In all, over ${result.expiries} expiries</caption>
<thead><tr><th></th><th scope="col">the usual way</th><th scope="col">with tokenflight</th></tr></thead>
<tbody>
${rows.map(([label, cell]) => html`<tr><th scope="row">${label}</th><td>${cell(result.without)}</td><td>${cell(result.with)}</td></tr>`)}
</tbody>
</table>
<p>${conclude(result)}</p>
</main>`,
  )
}

const rows: [label: string, cell: (side: Side) => string | number | Html][] = [
  ['requests', ({ requests }) => requests],
  ['succeeded', ({ succeeded }) => succeeded],
  ['token requests', ({ tokenRequests }) => tokenRequests],
  ['replays of a spent token', ({ replays }) => replays],
  ['login', ({ grantAlive }) => (grantAlive ? 'alive' : html`<strong>revoked</strong>`)],
]

function drawnOf(title: string, timeline: Timeline, to: number): Drawn {
  const { revokedAt, processes } = timeline
  const login: Lane = {
    label: 'the login',
    marks: [
      { at: 0, until: revokedAt ?? to, what: 'alive' },
      ...(revokedAt === undefined ? [] : [{ at: revokedAt, what: 'revoked' as const }]),
    ],
    outcome: revokedAt === undefined ? { text: 'alive', good: true } : { text: 'revoked', good: false },
  }
  return { title, from: 0, to, lanes: [...processes.map(laneOf), login] }
}

function laneOf(process: ProcessTimeline, index: number): Lane {
  const { succeeded, failed, marks } = process
  const good = failed === 0
  const text = good ? `${succeeded} ok` : succeeded === 0 ? `${failed} failed` : `${succeeded} ok, ${failed} failed`
  return { label: nameOf(process, index), marks: marksOf(marks), outcome: { text, good } }
}

/** Moments as they are, and what goes on between two of them. */
function marksOf(marks: ProcessTimeline['marks']): Mark[] {
  return marks.flatMap(({ at, what }, index) => {
    const next = marks.slice(index + 1).find((mark) => mark.what !== 'rejected')
    const going = next === undefined ? undefined : spanOf(what, next.what)
    const span: Mark[] = going === undefined || next === undefined ? [] : [{ at, until: next.at, what: going }]
    return what === 'asked' || what === 'finished' || what === 'waiting' ? span : [...span, { at, what }]
  })
}

function spanOf(what: ProcessTimeline['marks'][number]['what'], next: string): Mark['what'] | undefined {
  if (what === 'posted') return next === 'refused' ? 'refusing' : 'posting'
  if (what === 'waiting') return 'waiting'
  return what === 'kept' || what === 'adopted' ? 'calling' : undefined
}

/** Told before the demo runs, not after it. @throws CommandError */
export function checkRecord(path: string): Promise<void> {
  return attempt(path, () => access(dirname(resolve(path)), constants.W_OK))
}

/** @throws CommandError */
export function writeRecord(path: string, page: string): Promise<void> {
  return attempt(path, () => writeFile(path, page))
}

async function attempt(path: string, action: () => Promise<void>): Promise<void> {
  try {
    await action()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new CommandError(exitCodes.failed, `--record: ${path} cannot be written (${code}). Name another file.`)
  }
}
