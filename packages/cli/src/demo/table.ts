import Table from 'cli-table3'
import type { Terminal } from '../terminal.ts'
import { clientNames } from './clients/client.ts'
import type { Side } from './result.ts'

const box = {
  top: '─',
  'top-mid': '┬',
  'top-left': '┌',
  'top-right': '┐',
  bottom: '─',
  'bottom-mid': '┴',
  'bottom-left': '└',
  'bottom-right': '┘',
  left: '│',
  'left-mid': '├',
  mid: '─',
  'mid-mid': '┼',
  right: '│',
  'right-mid': '┤',
  middle: '│',
}
const plainBox = {
  top: '-',
  'top-mid': '+',
  'top-left': '+',
  'top-right': '+',
  bottom: '-',
  'bottom-mid': '+',
  'bottom-left': '+',
  'bottom-right': '+',
  left: '|',
  'left-mid': '+',
  mid: '-',
  'mid-mid': '+',
  right: '|',
  'right-mid': '+',
  middle: '|',
}

/** Both sides, counted. */
export function drawTable(without: Side, withTokenflight: Side, { unicode, paint }: Terminal): string[] {
  const table = new Table({
    head: ['', paint('bold', 'the usual way'), paint('bold', 'with tokenflight')],
    colAligns: ['left', 'right', 'right'],
    chars: unicode ? box : plainBox,
    style: { head: [], border: [], compact: true },
  })
  const good = (fine: boolean, text: string | number): string => paint(fine ? 'green' : 'red', String(text))
  const row = (label: string, cell: (side: Side) => string): void =>
    void table.push([label, cell(without), cell(withTokenflight)])
  row('requests', ({ requests }) => String(requests))
  row('succeeded', ({ succeeded, requests }) => good(succeeded === requests, succeeded))
  const shown = clientNames.filter((name) => withTokenflight.succeededBy[name] !== undefined)
  if (shown.length > 1)
    for (const name of shown)
      row(`  through ${name}`, ({ succeededBy }) => paint('dim', String(succeededBy[name] ?? 0)))
  row('token requests', ({ tokenRequests }) => String(tokenRequests))
  row('replays of a spent token', ({ replays }) => good(replays === 0, replays))
  row('login', ({ grantAlive }) => (grantAlive ? paint('green', 'alive') : paint(['red', 'bold'], 'REVOKED')))
  return table.toString().split('\n')
}
