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
  /** Colours the text where colours are wanted: a terminal, and no NO_COLOR. */
  paint(style: Style, text: string): string
}

export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'columns' | 'isTTY'>>

export function terminalOf(stream: Output, env: NodeJS.ProcessEnv = process.env): Terminal {
  return {
    columns: stream.columns || 80,
    unicode: speaksUnicode(env, process.platform),
    live: stream.isTTY === true && env['TERM'] !== 'dumb',
    // One at a time: Node 22.12 colours a list of styles whatever the stream is.
    paint: (style, text) => [style].flat().reduce((painted, one) => styleText(one, painted, { stream }), text),
  }
}

/** By the locale, as programs in C do; Windows has none, but its newer terminals are known by name. */
export function speaksUnicode(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  if (platform === 'win32') return Boolean(env['WT_SESSION'] || env['TERM_PROGRAM'] || env['TERM'])
  if (env['TERM'] === 'linux') return false
  return /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '')
}
