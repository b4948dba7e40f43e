import { describe, expect, test } from 'vitest'
import { sayDuration, ticks } from '../src/report/axis.ts'
import { html } from '../src/report/html.ts'
import { looks } from '../src/report/marks.ts'
import { renderPage } from '../src/report/page.ts'
import { drawTimeline } from '../src/report/terminal-timeline.ts'
import type { MarkKind, Timeline } from '../src/report/timeline.ts'
import { renderTimeline } from '../src/report/timeline-svg.ts'
import { plainTerminal, widthOf } from './plain-terminal.ts'

const kinds = Object.keys(looks) as MarkKind[]
const timeline: Timeline = {
  title: 'Two processes',
  from: 1_000,
  to: 1_100,
  lanes: [
    {
      label: 'process 1',
      marks: [
        { at: 1_000, what: 'posted' },
        { at: 1_000, until: 1_050, what: 'posting' },
        { at: 1_050, what: 'kept' },
      ],
      outcome: { text: 'ok', good: true },
    },
    { label: 'process 2', marks: [{ at: 1_100, what: 'refused' }], outcome: { text: 'refused', good: false } },
  ],
}

describe('a timeline on a terminal', () => {
  test('has a lane for each who took part, to scale', () => {
    expect(drawTimeline(timeline, plainTerminal({ columns: 40 }))).toEqual([
      '  process 1 ●━━━━━━━━━✓          ok',
      '  process 2                    ✗ refused',
      '            0         50 ms    100 ms',
      '  ● sends the refresh token',
      '  ✓ gets new tokens   ✗ is refused',
      '  ━ a token request on its way',
    ])
  })

  test.each([20, 40, 60, 80, 200])('fits %d columns, in Unicode and in ASCII', (columns) => {
    const label = 'a process with a name that is much too long'
    const marks = kinds.map((what, n) => ({ at: 1_000 + n, until: 1_020 + n, what }))
    const lanes = [{ label, marks, outcome: { text: 'an outcome that is much too long as well' } }]
    for (const unicode of [true, false]) {
      const lines = drawTimeline({ ...timeline, lanes }, plainTerminal({ columns: Math.max(columns, 60), unicode }))
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(Math.max(columns, 60))
      // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is meant
      if (!unicode) expect(lines.join('')).toMatch(/^[\x00-\x7f]*$/)
    }
  })
})

describe('a timeline on a page', () => {
  test('escapes everything it is given', () => {
    const evil = `<script>alert("1")</script>'&`
    const lanes = [{ label: evil, marks: [{ at: 1_000, what: 'kept', text: evil } as const], outcome: { text: evil } }]
    const page = renderPage(evil, html`<main>${renderTimeline({ ...timeline, title: evil, lanes })}${evil}</main>`)
    expect(page).not.toContain('<script')
    expect(page).not.toMatch(/="[^"]*<script/)
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;')
  })

  test('tells its story in words too, and needs nothing from elsewhere', () => {
    const page = renderPage('A page', renderTimeline(timeline))
    expect(page).toContain(
      'role="img" aria-label="Two processes. process 1: sends the refresh token, a token request on its way',
    )
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(/https?:|src=|@import|url\(/)
  })

  test('draws every kind of mark and says what it means', () => {
    const marks = kinds.map((what, n) => ({ at: 1_000 + n, until: 1_020 + n, what }))
    const { markup } = renderTimeline({ ...timeline, lanes: [{ label: 'all', marks }] })
    for (const kind of kinds) expect(markup).toContain(html`${looks[kind].meaning}</li>`.markup.split('</li>')[0])
    expect(markup).not.toMatch(/NaN|undefined|\[object/)
  })

  test('where everything happened at once, nothing is divided by nothing', () => {
    const { markup } = renderTimeline({
      ...timeline,
      from: 5,
      to: 5,
      lanes: [{ label: 'a', marks: [{ at: 5, what: 'kept' }] }],
    })
    expect(markup).not.toMatch(/NaN|Infinity/)
  })
})

test('the axis is round', () => {
  expect(ticks(371, 6)).toEqual([0, 100, 200, 300])
  expect(ticks(0, 6)).toEqual([0])
  expect(ticks(6 * 3_600_000, 6)).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => n * 3_600_000))
  expect([999, 1_500, 90_000, 7_200_000, 10 * 86_400_000].map(sayDuration)).toEqual([
    '999 ms',
    '1.5 s',
    '90 s',
    '2 h',
    '10 d',
  ])
})
