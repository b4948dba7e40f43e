import { describe, expect, test } from 'vitest'
import { drawLane } from '../src/demo/lane.ts'
import type { What } from '../src/demo/messages.ts'
import { colourful, plainTerminal, widthOf } from './plain-terminal.ts'

const scale = { span: 100, width: 20 }
const lane = (marks: [at: number, what: What][], terminal = plainTerminal()) =>
  drawLane(
    { succeeded: 1, failed: 0, succeededBy: {}, marks: marks.map(([at, what]) => ({ at, what })) },
    scale,
    terminal,
  )

describe('the lane of a process', () => {
  test('who refreshed: a token request from its start to the new tokens, then API calls', () => {
    const marks: [number, What][] = [
      [0, 'asked'],
      [10, 'posted'],
      [50, 'kept'],
      [75, 'finished'],
    ]
    expect(lane(marks)).toBe('  ●━━━━━━━✓────     ')
    expect(lane(marks, plainTerminal({ unicode: false }))).toBe('  O=======*----     ')
  })

  test('who waited: nothing is sent until the tokens are adopted', () => {
    const marks: [number, What][] = [
      [0, 'asked'],
      [10, 'waiting'],
      [55, 'adopted'],
      [75, 'finished'],
    ]
    expect(lane(marks)).toBe('  ░░░░░░░░░◆───     ')
    expect(lane(marks, plainTerminal({ unicode: false }))).toBe('  .........A---     ')
  })

  test('who was refused: nothing follows', () => {
    expect(
      lane([
        [0, 'asked'],
        [0, 'posted'],
        [50, 'refused'],
        [50, 'finished'],
      ]),
    ).toBe('●━━━━━━━━━✗         ')
  })

  test('a token request in vain has another colour than one that brought tokens', () => {
    expect(
      lane(
        [
          [0, 'posted'],
          [50, 'refused'],
          [50, 'finished'],
        ],
        colourful,
      ),
    ).toMatch(/^<red>●<\/><red>━+<\/><red bold>✗/)
    expect(
      lane(
        [
          [0, 'posted'],
          [50, 'kept'],
          [50, 'finished'],
        ],
        colourful,
      ),
    ).toMatch(/^<yellow>●<\/><yellow>━+<\/><green bold>✓/)
  })

  test('a second token request is drawn behind the first', () => {
    expect(
      lane([
        [0, 'posted'],
        [30, 'kept'],
        [40, 'rejected'],
        [50, 'posted'],
        [80, 'refused'],
        [99, 'finished'],
      ]),
    ).toBe('●━━━━━✓─!─●━━━━━✗   ')
  })

  test('many 401 in a row are one mark', () => {
    const rejections = Array.from({ length: 25 }, (): [number, What] => [10, 'rejected'])
    expect(lane([[0, 'asked'], ...rejections, [20, 'waiting'], [50, 'adopted'], [99, 'finished']])).toBe(
      '  ! ░░░░░░◆──────── ',
    )
  })

  test('moments that share a column stand side by side', () => {
    expect(
      lane([
        [0, 'posted'],
        [1, 'kept'],
        [2, 'rejected'],
        [3, 'posted'],
        [4, 'refused'],
      ]),
    ).toMatch(/^●✓!●✗ +$/)
  })

  test('a lane is as wide as it should be, whatever happened', () => {
    const all: What[] = ['asked', 'posted', 'kept', 'rejected', 'posted', 'refused', 'waiting', 'adopted', 'finished']
    for (const at of [0, 50, 99, 100, 1000]) {
      const drawn = lane(all.map((what, i) => [at + i, what]))
      expect(widthOf(drawn)).toBe(20)
    }
    expect(widthOf(lane([]))).toBe(20)
  })
})
