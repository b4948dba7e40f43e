import type { Style } from '../terminal.ts'
import { type Html, html } from './html.ts'
import type { MarkKind } from './timeline.ts'

/** How a kind of mark looks. The shape tells kinds apart without colour, the tone (a class of the page's style) with it. */
export interface Look {
  unicode: string
  ascii: string
  style: Style
  tone: 'good' | 'bad' | 'busy' | 'shared' | 'odd' | 'quiet'
  meaning: string
  /** Drawn around 0,0 in a square of 12; spans are bars and have none. */
  shape?: Html
}

const cross = html`<path d="M-4-4L4 4M-4 4L4-4"/>`

export const looks: Record<MarkKind, Look> = {
  posted: {
    unicode: '●',
    ascii: 'O',
    style: 'yellow',
    tone: 'busy',
    meaning: 'sends the refresh token',
    shape: html`<circle r="3.5"/>`,
  },
  kept: {
    unicode: '✓',
    ascii: '*',
    style: ['green', 'bold'],
    tone: 'good',
    meaning: 'gets new tokens',
    shape: html`<path d="M-4.5 .5L-1.5 4L5-4"/>`,
  },
  refused: { unicode: '✗', ascii: 'X', style: ['red', 'bold'], tone: 'bad', meaning: 'is refused', shape: cross },
  reused: {
    unicode: '⊗',
    ascii: 'R',
    style: ['red', 'bold'],
    tone: 'bad',
    meaning: 'is refused: spent before',
    shape: html`<circle r="5.5" class="ring"/><path d="M-3-3L3 3M-3 3L3-3"/>`,
  },
  revoked: {
    unicode: '■',
    ascii: '#',
    style: ['red', 'bold'],
    tone: 'bad',
    meaning: 'the login is revoked',
    shape: html`<rect x="-4.5" y="-4.5" width="9" height="9"/>`,
  },
  rejected: {
    unicode: '!',
    ascii: '!',
    style: 'magenta',
    tone: 'odd',
    meaning: '401 from the API',
    shape: html`<path d="M0-5V1M0 4V5"/>`,
  },
  adopted: {
    unicode: '◆',
    ascii: 'A',
    style: ['cyan', 'bold'],
    tone: 'shared',
    meaning: "adopts another's tokens",
    shape: html`<path class="full" d="M0-5L5 0L0 5L-5 0Z"/>`,
  },
  throttled: {
    unicode: '▼',
    ascii: 'V',
    style: 'yellow',
    tone: 'busy',
    meaning: 'is asked to wait',
    shape: html`<path class="full" d="M-5-4H5L0 5Z"/>`,
  },
  unavailable: {
    unicode: '○',
    ascii: 'o',
    style: 'magenta',
    tone: 'odd',
    meaning: "no answer, or the server's failure",
    shape: html`<circle r="4.5" class="ring"/>`,
  },
  broken: {
    unicode: '≠',
    ascii: '%',
    style: ['red', 'bold'],
    tone: 'bad',
    meaning: 'the stored credential is unusable',
    shape: html`<path d="M-5-2H5M-5 2H5M3-5L-3 5"/>`,
  },
  noted: {
    unicode: '·',
    ascii: '.',
    style: 'dim',
    tone: 'quiet',
    meaning: 'something else about this login',
    shape: html`<circle r="2"/>`,
  },
  posting: { unicode: '━', ascii: '=', style: 'yellow', tone: 'busy', meaning: 'a token request on its way' },
  refusing: { unicode: '━', ascii: '=', style: 'red', tone: 'bad', meaning: 'a token request in vain' },
  waiting: { unicode: '░', ascii: '.', style: 'cyan', tone: 'shared', meaning: 'waits for another' },
  calling: { unicode: '─', ascii: '-', style: 'green', tone: 'good', meaning: 'calls the API' },
  alive: { unicode: '═', ascii: '#', style: 'green', tone: 'good', meaning: 'the login is alive' },
}

/** The kinds that occur, in the order of the table above. */
export function kindsOf(lanes: readonly { marks: readonly { what: MarkKind }[] }[]): MarkKind[] {
  const present = new Set(lanes.flatMap(({ marks }) => marks.map(({ what }) => what)))
  return (Object.keys(looks) as MarkKind[]).filter((kind) => present.has(kind))
}
