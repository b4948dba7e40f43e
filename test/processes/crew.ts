import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TokenEvent } from '@tokenflight/core'
import { expect } from 'vitest'
import type { Order, Outcome, Report, Setup } from './messages.ts'
import { type End, type Program, startProgram } from './program.ts'
import type { Step } from './steps.ts'

/** What a test hands over to have things put away when it ends. */
export type OnTestFinished = (listener: () => Promise<void>) => void

/** One caller process. */
export interface Member {
  readonly pid: number
  call(callers?: number, options?: { via?: 'api' | 'tokens'; rejected?: string; resource?: string }): Promise<Outcome[]>
  readonly events: TokenEvent[]
  /** So many events for which this holds have happened; rejects if the process ends without them. */
  heard(is: (event: TokenEvent) => boolean, count?: number): Promise<void>
  /** It stands still there now. */
  reached(step: Step): Promise<void>
  /** The first so many verdicts of its store about the holder of a claim. */
  judged(count: number): Promise<('dead' | 'alive' | 'unknown')[]>
  /** Lets it go on from where it stands still. */
  go(): void
  kill(): Promise<End>
  stop(): void
  continue(): void
  /** Takes its channel away: nothing but itself keeps it alive then. */
  end(): Promise<End>
}

export interface Crew {
  /** Holds the credential file, and nothing else. */
  readonly directory: string
  readonly path: string
  /** Puts a text into the credential file, as no participant would. */
  write(text: string): Promise<void>
  /** A running process, ready to be called. */
  start(setup?: Partial<Setup>, under?: readonly string[]): Promise<Member>
  /** Runs any program of this directory in the same place; it is looked at and put away with the others. */
  run<Order extends { type: string }, Report>(module: URL, setup?: Partial<Setup>): Program<Order, Report>
}

/** Longest time in which a process that is no longer needed may still be ending, ms. */
const patience = 10_000

/**
 * Caller processes around one credential file. When the test ends, each that is left must end by itself with code 0, and neither what
 * they wrote nor a file name may hold one of `secrets()`.
 */
export async function openCrew(
  onTestFinished: OnTestFinished,
  common: Omit<Setup, 'path' | 'way'>,
  secrets: () => Iterable<string>,
): Promise<Crew> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tokenflight-processes-'))
  const file = path.join(directory, 'credentials.json')
  const programs: Program<Order, Report>[] = []
  const killed = new Set<Program<Order, Report>>()

  onTestFinished(async () => {
    const late = setTimeout(() => {
      for (const program of programs) program.signal('SIGKILL')
    }, patience)
    try {
      for (const program of programs) program.send({ type: 'end' })
      for (const program of programs) {
        const end = await program.ended
        if (killed.has(program)) continue
        expect(end, `process ${program.pid} ended; it wrote: ${program.stderr}`).toEqual({ code: 0, signal: null })
        expect(program.stderr, 'warnings of a process').not.toMatch(/Warning/)
      }
      expectNoSecrets([...programs.flatMap(({ stdout, stderr }) => [stdout, stderr]), ...(await namesIn(directory))])
    } finally {
      clearTimeout(late)
      await Promise.all(programs.map((program) => program.kill()))
      await rm(directory, { recursive: true })
    }
  })

  function expectNoSecrets(texts: readonly string[]): void {
    for (const secret of secrets())
      for (const text of texts) expect(text.includes(secret), 'a secret shows').toBe(false)
  }

  function launch(module: URL, setup: Partial<Setup>, under?: readonly string[]): Program<Order, Report> {
    const all: Setup = { ...common, way: 'tokenflight', path: file, ...setup }
    const program = startProgram<Order, Report>({ module, args: [JSON.stringify(all)], ...(under && { under }) })
    programs.push(program)
    return program
  }

  return {
    directory,
    path: file,
    write: (text) => writeFile(file, text, { mode: 0o600 }),
    async start(setup = {}, under) {
      const program = launch(new URL('caller.ts', import.meta.url), setup, under)
      const member = memberOf(program, setup.threads ?? 1, () => killed.add(program))
      await member.ready
      return member
    },
    run: <O extends { type: string }, R>(module: URL, setup = {}) => launch(module, setup) as unknown as Program<O, R>,
  }
}

function memberOf(program: Program<Order, Report>, threads: number, onKill: () => void) {
  const reports: Report[] = []
  const waiting = new Set<() => void>()
  program.onReport((report) => {
    reports.push(report)
    for (const look of [...waiting]) look()
  })

  /** The first so many reports for which this holds. */
  function find(what: string, count: number, is: (report: Report) => boolean): Promise<Report[]> {
    const search = new Promise<Report[]>((resolve, reject) => {
      const look = (): void => {
        const found = reports.filter(is)
        if (found.length < count) return
        waiting.delete(look)
        resolve(found.slice(0, count))
      }
      waiting.add(look)
      look()
      const died = ({ code, signal }: End): void =>
        reject(new Error(`process ${program.pid} ended (${signal ?? code}) without ${what}:\n${program.stderr}`))
      void program.ended.then(died, reject)
    })
    // Tests kill processes whose answer nobody awaits any more.
    search.catch(() => {})
    return search
  }

  let calls = 0
  return {
    pid: program.pid,
    ready: find('being ready', threads, (report) => report.type === 'ready'),
    call(callers = 1, { via = 'tokens', ...asked }: Parameters<Member['call']>[1] = {}) {
      const id = ++calls
      program.send({ type: 'call', id, callers, via, ...asked })
      const answers = find('an answer', threads, (report) => report.type === 'answered' && report.id === id)
      const outcomes = answers.then((reports) =>
        reports.flatMap((report) => ('outcomes' in report ? report.outcomes : [])),
      )
      outcomes.catch(() => {})
      return outcomes
    },
    get events() {
      return reports.flatMap((report) => (report.type === 'event' ? [report.event] : []))
    },
    async heard(is: (event: TokenEvent) => boolean, count = 1) {
      await find('an event', count, (report) => report.type === 'event' && is(report.event))
    },
    async reached(step: Step) {
      await find(`reaching "${step}"`, 1, (report) => report.type === 'reached' && report.step === step)
    },
    async judged(count: number) {
      const verdicts = await find('a verdict', count, (report) => report.type === 'judged')
      return verdicts.flatMap((report) => (report.type === 'judged' ? [report.state] : []))
    },
    go: () => program.send({ type: 'go' }),
    kill() {
      onKill()
      return program.kill()
    },
    stop: () => program.signal('SIGSTOP'),
    continue: () => program.signal('SIGCONT'),
    end() {
      program.send({ type: 'end' })
      return program.ended
    },
  }
}

export async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(directory, { recursive: true })).sort()
}

export async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777
}
