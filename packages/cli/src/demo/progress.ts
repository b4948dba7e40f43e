import type { Output, Terminal } from '../terminal.ts'
import type { Way } from './messages.ts'
import type { SideProgress } from './side.ts'

/** What the sides are called in front of people. */
const names: Record<Way, string> = { usual: 'the usual way', tokenflight: 'with tokenflight' }

/** Shows the demo while it runs: rewritten lines on a terminal, one line per expiry elsewhere. */
export interface Progress {
  say(line: string): void
  show(progress: SideProgress): void
  /** Takes the rewritten lines away again. */
  clear(): void
}

export function createProgress(output: Output, terminal: Terminal): Progress {
  if (!terminal.live) {
    return {
      say: (line) => void output.write(`${line}\n`),
      show(progress) {
        if (progress.phase === 'done') output.write(`${describe(progress)}\n`)
      },
      clear: () => {},
    }
  }
  const sides = new Map<Way, SideProgress>()
  let drawn = 0
  let timer: NodeJS.Timeout | undefined
  const erase = (): void => {
    if (drawn > 0) output.write(`\x1b[${drawn}A\x1b[0J`)
    drawn = 0
  }
  const redraw = (): void => {
    timer = undefined
    const shown = [...sides.values()]
    const lines = shown.map((progress) => drawBar(progress, terminal))
    const current = shown.at(-1)
    if (current) lines.push(`  ${' '.repeat(16)} ${terminal.paint('dim', phaseOf(current))}`)
    erase()
    output.write(lines.map((line) => `${line}\n`).join(''))
    drawn = lines.length
  }
  return {
    say(line) {
      erase()
      output.write(`${line}\n`)
      if (sides.size > 0) redraw()
    },
    show(progress) {
      sides.set(progress.way, progress)
      timer ??= setTimeout(redraw, 50)
    },
    clear() {
      clearTimeout(timer)
      timer = undefined
      erase()
      sides.clear()
    },
  }
}

/** One line for a log. */
function describe(progress: SideProgress): string {
  const { way, expiry, ending, succeeded, failed, tokenRequests, revoked } = progress
  const cause = ending === 'expired' ? 'the token ran out' : 'the API refused the token'
  const login = revoked ? 'REVOKED' : 'alive'
  return `${names[way]}, expiry ${expiry} (${cause}): in all ${succeeded} ok, ${failed} failed, ${tokenRequests} token request${tokenRequests === 1 ? '' : 's'}, login ${login}`
}

/** One line for a terminal. */
export function drawBar(progress: SideProgress, { columns, unicode, paint }: Terminal): string {
  const { way, requests, succeeded, failed, revoked } = progress
  const digits = String(requests).length
  const width = Math.min(40, Math.max(4, columns - 43 - 2 * digits))
  const cells = (count: number): number => Math.floor((count / requests) * width)
  const [full, empty] = unicode ? ['█', '░'] : ['#', '.']
  const good = cells(succeeded)
  const bad = cells(succeeded + failed) - good
  const bar = [
    paint('green', full.repeat(good)),
    paint('red', full.repeat(bad)),
    paint('dim', empty.repeat(width - good - bad)),
  ]
  const login = revoked ? paint(['red', 'bold'], 'REVOKED') : paint('green', 'alive')
  const counts = `${String(succeeded).padStart(digits)} ok  ${String(failed).padStart(digits)} failed`
  return `  ${names[way].padEnd(16)} ${bar.join('')}  ${counts}  ${login}`
}

function phaseOf({ phase, expiry, ending }: SideProgress): string {
  if (phase !== 'waiting for the expiry') return `expiry ${expiry}: all call at once`
  return `expiry ${expiry}: ${ending === 'expired' ? 'waiting until the access token runs out' : 'the API refuses the access token'}`
}
