import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createProgress, drawBar } from '../src/demo/progress.ts'
import type { SideProgress } from '../src/demo/side.ts'
import { plainTerminal, widthOf } from './plain-terminal.ts'

const side: SideProgress = {
  way: 'usual',
  expiry: 1,
  ending: 'expired',
  phase: 'calling',
  requests: 300,
  succeeded: 0,
  failed: 0,
  tokenRequests: 0,
  revoked: false,
}

function recorder() {
  let text = ''
  const output = new Writable({
    write(chunk, _, done) {
      text += chunk
      done()
    },
  })
  return { output, text: () => text }
}

/** What a terminal shows after these bytes: it knows "up n lines" (A) and "erase what is below" (J) alone. */
function screenAfter(bytes: string): string[] {
  const lines: string[] = []
  const [plain = '', ...controlled] = bytes.split('\u001b[')
  for (const part of [`0J${plain}`, ...controlled]) {
    const [, count = '0', letter, text = ''] = /^(\d+)([AJ])([\s\S]*)$/.exec(part) ?? []
    if (letter === 'A') lines.splice(-Number(count))
    lines.push(...text.split('\n').slice(0, -1))
  }
  return lines
}

describe('the progress of a demo', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('in a log there is one line for each expiry, and nothing is rewritten', () => {
    const { output, text } = recorder()
    const progress = createProgress(output, plainTerminal())
    progress.say('hello')
    progress.show({ ...side, phase: 'waiting for the expiry' })
    progress.show({ ...side, succeeded: 10 })
    progress.show({ ...side, phase: 'done', succeeded: 25, failed: 75, tokenRequests: 4, revoked: true })
    progress.show({
      ...side,
      phase: 'done',
      expiry: 2,
      ending: 'refused',
      succeeded: 25,
      failed: 175,
      tokenRequests: 8,
      revoked: true,
    })
    progress.clear()
    vi.runAllTimers()
    expect(text()).toBe(
      'hello\n' +
        'the usual way, expiry 1 (the token ran out): in all 25 ok, 75 failed, 4 token requests, login REVOKED\n' +
        'the usual way, expiry 2 (the API refused the token): in all 25 ok, 175 failed, 8 token requests, login REVOKED\n',
    )
  })

  test('on a terminal each side has one line that grows, below what was said', () => {
    const { output, text } = recorder()
    const progress = createProgress(output, plainTerminal({ live: true }))
    progress.say('hello')
    progress.show({ ...side, succeeded: 30 })
    vi.runAllTimers()
    expect(screenAfter(text())).toEqual([
      'hello',
      expect.stringMatching(/the usual way .* 30 ok/),
      expect.stringContaining('expiry 1: all call'),
    ])
    progress.show({ ...side, succeeded: 300 })
    progress.show({ ...side, way: 'tokenflight', phase: 'waiting for the expiry' })
    vi.runAllTimers()
    expect(screenAfter(text())).toEqual([
      'hello',
      expect.stringMatching(/the usual way .*300 ok/),
      expect.stringMatching(/with tokenflight .* 0 ok/),
      expect.stringContaining('waiting until the access token runs out'),
    ])
    progress.clear()
    vi.runAllTimers()
    expect(screenAfter(text())).toEqual(['hello'])
  })

  test('many reports in a short time are one redraw', () => {
    const { output, text } = recorder()
    const progress = createProgress(output, plainTerminal({ live: true }))
    for (let succeeded = 1; succeeded <= 100; succeeded++) progress.show({ ...side, succeeded })
    vi.runAllTimers()
    expect(text().match(/the usual way/g)).toHaveLength(1)
    expect(text()).toContain('100 ok')
  })

  test.each([60, 80, 120])('a bar fits %d columns at its longest', (columns) => {
    for (const requests of [1, 300, 320_000]) {
      const bar = drawBar(
        { ...side, way: 'tokenflight', requests, failed: requests, revoked: true },
        plainTerminal({ columns }),
      )
      expect(widthOf(bar)).toBeLessThan(columns)
    }
  })

  test('a bar shows how much went well and how much did not', () => {
    const bar = drawBar(
      { ...side, succeeded: 150, failed: 150 },
      plainTerminal({ unicode: false, paint: (style, text) => (style === 'red' ? text.replaceAll('#', 'x') : text) }),
    )
    const [good, bad] = [bar.split('#').length - 1, bar.split('x').length - 1]
    expect(good).toBeGreaterThan(10)
    expect(Math.abs(bad - good)).toBeLessThanOrEqual(1)
    expect(bar).not.toContain('.')
  })
})
