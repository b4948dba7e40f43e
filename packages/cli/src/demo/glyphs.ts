import type { Style, Terminal } from '../terminal.ts'
import type { What } from './messages.ts'

/** How one thing looks in a lane of the picture: one column wide, in Unicode and in ASCII. */
export interface Glyph {
  unicode: string
  ascii: string
  style: Style
}

/** What goes on for a while. */
export const posting: Glyph = { unicode: '━', ascii: '=', style: 'yellow' }
export const waiting: Glyph = { unicode: '░', ascii: '.', style: 'cyan' }
export const calling: Glyph = { unicode: '─', ascii: '-', style: 'green' }
export const alive: Glyph = { unicode: '═', ascii: '#', style: 'green' }

/** What happens in a moment. */
export const posted: Glyph = { unicode: '●', ascii: 'O', style: 'yellow' }
export const kept: Glyph = { unicode: '✓', ascii: '*', style: ['green', 'bold'] }
export const refused: Glyph = { unicode: '✗', ascii: 'X', style: ['red', 'bold'] }
export const adopted: Glyph = { unicode: '◆', ascii: 'A', style: ['cyan', 'bold'] }
export const rejected: Glyph = { unicode: '!', ascii: '!', style: 'magenta' }

export const moments: Partial<Record<What, Glyph>> = { posted, kept, refused, adopted, rejected }

/** The same token request in the colour of its end. */
export const inVain: Style = 'red'

/** What goes on after a moment, where there is something to be seen. */
export const spans: Partial<Record<What, Glyph>> = {
  posted: posting,
  waiting,
  kept: calling,
  adopted: calling,
}

export function draw(glyph: Glyph, times: number, { unicode, paint }: Terminal): string {
  return times > 0 ? paint(glyph.style, (unicode ? glyph.unicode : glyph.ascii).repeat(times)) : ''
}
