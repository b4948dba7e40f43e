import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]

/** What a text may use where it will be shown. */
export interface Terminal {
  readonly columns: number
  /** Whether characters beyond ASCII arrive. */
  readonly unicode: boolean
  /** Whether lines can be rewritten. */
  readonly live: boolean
  /** Colours the text where colours are wanted: on a terminal without NO_COLOR, and where FORCE_COLOR says so. */
  paint(style: Style, text: string): string
}

export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'columns' | 'isTTY'>>

export function terminalOf(stream: Output, env: NodeJS.ProcessEnv = process.env): Terminal {
  const coloured = wantsColours(stream, env)
  return {
    columns: stream.columns || 80,
    unicode: speaksUnicode(env, process.platform),
    live: stream.isTTY === true && env['TERM'] !== 'dumb',
    paint: (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text),
  }
}

/** Text of others (files, their names, servers) as it may be shown: what would act on a terminal is a question mark. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?')
}

/** FORCE_COLOR wins over NO_COLOR, as it does in Node itself. */
function wantsColours(stream: Output, { FORCE_COLOR: force, NO_COLOR: no, TERM: kind }: NodeJS.ProcessEnv): boolean {
  if (force !== undefined) return force !== '0' && force !== 'false'
  return !no && stream.isTTY === true && kind !== 'dumb'
}

/** By the locale, as programs in C do; Windows has none, but its newer terminals are known by name. */
export function speaksUnicode(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  if (platform === 'win32') return Boolean(env['WT_SESSION'] || env['TERM_PROGRAM'] || env['TERM'])
  if (env['TERM'] === 'linux') return false
  return /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '')
}
