import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { speaksUnicode, terminalOf } from '../src/terminal.ts'

describe('what a terminal can show', () => {
  test.each([
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LC_ALL: 'C.utf8' }, true],
    [{ LC_CTYPE: 'UTF-8' }, true],
    [{}, false],
    [{ LANG: 'C' }, false],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'en_US.UTF-8', TERM: 'linux' }, false],
  ])('with the environment %j Unicode arrives: %s', (env, expected) => {
    expect(speaksUnicode(env, 'linux')).toBe(expected)
    expect(speaksUnicode(env, 'darwin')).toBe(expected)
  })

  test('on Windows the terminals that have a name can show Unicode', () => {
    expect(speaksUnicode({ WT_SESSION: '1' }, 'win32')).toBe(true)
    expect(speaksUnicode({}, 'win32')).toBe(false)
  })

  test('a pipe has 80 columns, no colours and no rewritten lines', () => {
    const terminal = terminalOf(new PassThrough(), {})
    expect(terminal).toMatchObject({ columns: 80, live: false })
    expect(terminal.paint('red', 'text')).toBe('text')
    expect(terminal.paint(['red', 'bold'], 'text')).toBe('text')
  })

  test.each([
    [{ TERM: 'xterm' }, true, true],
    [{ TERM: 'xterm' }, false, false],
    [{ TERM: 'xterm', NO_COLOR: '1' }, true, false],
    [{ TERM: 'xterm', NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '' }, false, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, true],
    [{ FORCE_COLOR: '0', TERM: 'xterm' }, true, false],
  ])('with the environment %j, on a terminal: %s, there are colours: %s', (env, isTTY, expected) => {
    const stream = Object.assign(new PassThrough(), isTTY ? { isTTY: true as const } : {})
    expect(terminalOf(stream, env).paint(['red', 'bold'], 'text')).toBe(
      expected ? '\u001b[31m\u001b[1mtext\u001b[22m\u001b[39m' : 'text',
    )
  })

  test('a dumb terminal gets no rewritten lines', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true as const, columns: 100 })
    expect(terminalOf(stream, { TERM: 'dumb' })).toMatchObject({ columns: 100, live: false })
    expect(terminalOf(stream, { TERM: 'xterm' })).toMatchObject({ columns: 100, live: true })
  })
})
