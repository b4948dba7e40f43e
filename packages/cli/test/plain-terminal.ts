import { stripVTControlCharacters } from 'node:util'
import type { Terminal } from '../src/terminal.ts'

/** A terminal without colours. */
export function plainTerminal(changes: Partial<Terminal> = {}): Terminal {
  return { columns: 80, unicode: true, live: false, paint: (_, text) => text, ...changes }
}

/** A terminal whose colours can be read: `<red>text</>`. */
export const colourful: Terminal = plainTerminal({ paint: (style, text) => `<${[style].flat().join(' ')}>${text}</>` })

/** Columns that the text takes. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length
}
