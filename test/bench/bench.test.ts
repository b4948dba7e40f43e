import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { drawChart } from './chart.ts'
import { signedIn } from './hot-path.ts'
import { toMarkdown } from './markdown.ts'
import { createRow, formatRows, quantile } from './row.ts'

// What does not depend on the machine.

describe('F8: store calls', () => {
  test('1,000 reads of a valid token make none', async () => {
    const { tokens, calls } = await signedIn()
    const { total } = calls
    await Promise.all(Array.from({ length: 1_000 }, () => tokens.getAccessToken()))
    await tokens.close()
    expect(calls.total - total).toBe(0)
  })

  test('one refresh of 100 callers makes five: look, claim, keep, and one look for the hint at each of the two writes', async () => {
    const { tokens, calls } = await signedIn()
    const { accessToken: rejected } = await tokens.getAccessToken()
    const { total } = calls
    const told = await Promise.all(Array.from({ length: 100 }, () => tokens.getAccessToken({ rejected })))
    await tokens.close()
    expect(new Set(told.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(calls.total - total).toBe(5)
  })
})

describe('rows', () => {
  const head = { id: 'row', what: 'something', unit: 'ms' }

  test('hold the median and what lies around it', () => {
    expect([quantile([3, 1, 2], 0.5), quantile([1, 2], 0.5), quantile([5], 0.9)]).toEqual([2, 1.5, 5])
    const samples = Array.from({ length: 101 }, (_, n) => n)
    expect(createRow(head, samples)).toEqual({ ...head, median: 50, p10: 10, p90: 90 })
  })

  test('compare neighbours: what disturbs both changes no ratio', () => {
    const row = createRow(head, [11, 110, 1_100], { ratioTo: 'base', base: [10, 100, 1_000] })
    expect(row).toMatchObject({ ratioTo: 'base', ratio: 1.1 })
  })

  test('say whether the goal is met', () => {
    const ratio = (goal: number) =>
      createRow(head, [11], { ratioTo: 'b', base: [10], goal: { goal, goalOf: 'ratio' } }).met
    expect([ratio(1.1), ratio(1.09)]).toEqual([true, false])
    expect(createRow(head, [11], { goal: { goal: 10, goalOf: 'median' } })).toMatchObject({ goal: 10, met: false })
    expect(createRow(head, [0], { goal: { goal: 0, goalOf: 'median' } }).met).toBe(true)
  })

  test('say what stands in the way of a goal, where it is missed', () => {
    const goal = { goal: 10, goalOf: 'median', otherwise: 'physics' } as const
    expect(createRow(head, [11], { goal }).why).toBe('physics')
    expect(createRow(head, [10], { goal }).why).toBeUndefined()
  })

  test('are printed with the goal', () => {
    expect(formatRows([createRow(head, [11], { goal: { goal: 10, goalOf: 'median' } })])).toMatch(
      /^row .*\nrow .*MISSED/,
    )
  })
})

describe('the page', () => {
  const row = (id: string, value: number, goal: number) =>
    createRow({ id, what: 'a | b', unit: 'ms' }, [value], {
      ratioTo: 'base',
      base: [10],
      goal: { goal, goalOf: 'ratio', otherwise: 'physics' },
    })
  const machine = { cpu: 'cpu', cores: 2, platform: 'linux', node: 'v24', load: 0.1 }

  test('names the goals that are missed, and draws them in another color', () => {
    const { page, charts } = toMarkdown([row('storm.10', 10, 1.1), row('storm.100', 20, 1.1)], machine)
    const [head = ''] = page.split('## Callers')
    expect(head).toContain('1 of 2 goals are met')
    expect(head).toContain('`storm.100`')
    expect(page.match(/\*\*missed\*\*; physics/g)).toHaveLength(1)
    expect(head).not.toContain('`storm.10`')
    expect(head).toContain('| a \\| b |')
    expect([...charts.keys()]).toEqual(['storm-light.svg', 'storm-dark.svg'])
    const bars = charts.get('storm-light.svg')?.match(/<rect [^>]*rx="2"[^>]*>/g) ?? []
    expect(bars.map((bar) => /width="([\d.]+)"/.exec(bar)?.[1])).toEqual(['200', '400'])
    expect(new Set(bars.map((bar) => /fill="(#\w+)"/.exec(bar)?.[1])).size).toBe(2)
  })

  test('has charts that are well-formed whatever is written in them', () => {
    const svg = drawChart({ title: 'a < b & "c"', unit: '', bars: [{ label: '<script>', value: 0 }] }, 'dark')
    expect(svg).not.toMatch(/<script|a < b|& /)
    expect(svg).toContain('&#60;script&#62;')
  })
})

test('the command prints one JSON object', () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const args = ['--conditions=@tokenflight/source', '--expose-gc', main]
  const { stdout, status } = spawnSync(process.execPath, [...args, '--json', '--quick', '--only', 'store.file'], {
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  expect(stdout.trim().split('\n')).toHaveLength(1)
  const { rows, machine } = JSON.parse(stdout) as { rows: unknown[]; machine: unknown }
  expect(machine).toMatchObject({ node: process.version, cores: expect.any(Number) })
  expect(rows).toHaveLength(2)
  for (const row of rows) {
    const number = expect.any(Number)
    const text = expect.any(String)
    expect(row).toMatchObject({
      id: text,
      what: text,
      unit: text,
      median: number,
      p10: number,
      p90: number,
      ratio: number,
    })
  }
})
