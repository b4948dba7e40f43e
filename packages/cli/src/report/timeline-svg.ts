import { sayDuration, ticks } from './axis.ts'
import { type Html, html } from './html.ts'
import { kindsOf, looks } from './marks.ts'
import type { Lane, Mark, Timeline } from './timeline.ts'

const width = 760
const labels = 150
const outcomes = 110
const pitch = 24
const top = 8
/** More are counted, not drawn. */
const mostLanes = 24
const mostLabel = 22

/**
 * A timeline as a figure: the picture (SVG), what its marks mean, and its title as the caption. It takes its colours from the page's
 * style (`style.ts`), in light, dark and print; everything in it is escaped.
 */
export function renderTimeline(timeline: Timeline): Html {
  const { title, from, to } = timeline
  const lanes = timeline.lanes.slice(0, mostLanes)
  const more = timeline.lanes.length - lanes.length
  const span = Math.max(1, to - from)
  const lane = width - labels - outcomes - 16
  const x = (at: number): number => rounded(labels + 8 + (Math.min(Math.max(at - from, 0), span) / span) * lane)
  const height = top + lanes.length * pitch + 26
  const bottom = top + lanes.length * pitch
  const axis = ticks(span, 6).map(
    (ms) => html`<line class="grid" x1="${x(from + ms)}" y1="${top}" x2="${x(from + ms)}" y2="${bottom}"/>
<text class="axis" x="${x(from + ms)}" y="${bottom + 16}" text-anchor="middle">${ms === 0 ? '0' : sayDuration(ms)}</text>`,
  )
  return html`<figure class="timeline">
<div class="scroll" tabindex="0" role="group" aria-label="${title}">
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${describe(timeline)}">
${axis}
${lanes.map((one, index) => renderLane(one, top + index * pitch + pitch / 2, x))}
</svg></div>
<figcaption>${title}${more > 0 ? ` (${more} more lanes are not drawn)` : ''}</figcaption>
<ul class="legend">${kindsOf(lanes).map(renderMeaning)}</ul>
</figure>`
}

function renderLane({ label, marks, outcome }: Lane, y: number, x: (at: number) => number): Html {
  const short = label.length > mostLabel ? `${label.slice(0, mostLabel - 1)}…` : label
  const spans = marks.filter(({ what }) => looks[what].shape === undefined)
  const moments = marks.filter(({ what }) => looks[what].shape !== undefined)
  return html`<g transform="translate(0 ${y})">
<title>${label}</title>
<text class="label" x="${labels - 6}" y="4" text-anchor="end">${short}</text>
<line class="lane" x1="${labels + 8}" y1="0" x2="${width - outcomes - 8}" y2="0"/>
${spans.map((mark) => renderSpan(mark, x))}
${moments.map((mark) => renderMoment(mark, x(mark.at)))}
${outcome && html`<text class="outcome ${outcome.good === undefined ? '' : outcome.good ? 'good' : 'bad'}" x="${width - outcomes + 4}" y="4">${outcome.text}</text>`}
</g>
`
}

function renderSpan({ at, until = at, what, text }: Mark, x: (at: number) => number): Html {
  const { tone, meaning } = looks[what]
  return html`<rect class="span ${tone} ${what}" x="${x(at)}" y="-3" width="${rounded(Math.max(1, x(until) - x(at)))}" height="6" rx="2"><title>${text ?? meaning}</title></rect>`
}

function renderMoment({ what, text }: Mark, x: number): Html {
  const { tone, meaning, shape } = looks[what]
  return html`<g class="mark ${tone}" transform="translate(${x} 0)"><title>${text ?? meaning}</title>${shape}</g>`
}

function renderMeaning(what: keyof typeof looks): Html {
  const { tone, meaning, shape } = looks[what]
  const sign = shape
    ? html`<g class="mark ${tone}">${shape}</g>`
    : html`<rect class="span ${tone} ${what}" x="-7" y="-3" width="14" height="6" rx="2"/>`
  return html`<li><svg viewBox="-8 -8 16 16" aria-hidden="true">${sign}</svg>${meaning}</li>`
}

/** The picture in words. */
function describe({ title, lanes }: Timeline): string {
  const told = lanes.slice(0, mostLanes).map(({ label, marks, outcome }) => {
    const what = [...new Set(marks.map((mark) => looks[mark.what].meaning))].join(', ')
    return `${label}: ${what}${outcome ? `; ${outcome.text}` : ''}`
  })
  return `${title}. ${told.join('. ')}.`
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
