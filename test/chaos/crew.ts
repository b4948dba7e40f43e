import { type Program, startProgram } from '../processes/program.ts'
import type { History } from './history.ts'
import type { Order, Report, Setup } from './messages.ts'

/** One process of the run, from its start to its end; another takes its slot when it is killed. */
export interface Member {
  readonly pid: number
  ready: boolean
  stopped: boolean
  order(order: Order): void
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
}

export interface Crew {
  /** Those that run now, stopped ones too. */
  readonly members: readonly Member[]
  /** All that any of them wrote to stderr. */
  readonly said: readonly string[]
  onReport(listener: (member: Member, report: Report) => void): void
  /** One more, beside those that there are. */
  hire(): void
  /** From now on nobody takes the place of one that is gone. */
  closeDoors(): void
  /** Resolves when all have made so many reports of this kind since the call, or are gone; rejects after `ms`. */
  all(type: Report['type'], ms: number): Promise<{ silent: Member[]; reports: Report[] }>
  /** Has everybody end by itself; kills those that do not within `ms`. */
  end(ms: number): Promise<void>
  /** At once. */
  kill(): Promise<void>
}

export interface CrewOptions {
  size: number
  /** Of each. */
  threads: number
  setup(serial: number): Setup
  /** What processes are started with: a command that runs them, and environment variables. */
  under: readonly string[]
  env: Readonly<Record<string, string>>
  history: History
  onStarted(pid: number): void
  onEnded(pid: number): void
}

export function openCrew({ size, threads, setup, under, env, history, onStarted, onEnded }: CrewOptions): Crew {
  const members = new Map<Member, Program<Order, Report>>()
  const listeners: ((member: Member, report: Report) => void)[] = []
  const said: string[] = []
  let doorsOpen = true
  let serial = 0

  function hire(): void {
    const own = setup(serial++)
    const program = startProgram<Order, Report>({
      module: new URL('worker.ts', import.meta.url),
      args: [JSON.stringify(own)],
      keepsStdout: false,
      under,
      env,
    })
    const { pid } = program
    const member: Member = {
      pid,
      ready: false,
      stopped: false,
      order: (order) => program.send(order),
      signal: (name) => program.signal(name),
    }
    members.set(member, program)
    history.write({ type: 'started', pid })
    onStarted(pid)
    let threadsReady = 0
    program.onReport((report) => {
      if (report.type === 'ready') member.ready = ++threadsReady === threads
      for (const listener of [...listeners]) listener(member, report)
    })
    void program.ended.then(({ code, signal }) => {
      members.delete(member)
      onEnded(pid)
      said.push(program.stderr)
      history.write({ type: 'ended', pid, code, signal, said: program.stderr.slice(0, 2000) })
      if (doorsOpen) hire()
      for (const listener of [...listeners]) listener(member, { type: 'gone' })
    })
  }

  for (let count = 0; count < size; count++) hire()

  return {
    get members() {
      return [...members.keys()]
    },
    said,
    hire,
    onReport: (listener) => void listeners.push(listener),
    closeDoors() {
      doorsOpen = false
    },
    all(type, ms) {
      const reports: Report[] = []
      const missing = new Map([...members.keys()].map((member) => [member, threads]))
      return new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer)
          listeners.splice(listeners.indexOf(listen), 1)
          resolve({ silent: [...missing.keys()], reports })
        }
        const listen = (member: Member, report: Report): void => {
          if (report.type === 'gone') missing.delete(member)
          if (report.type === type) {
            reports.push(report)
            const left = (missing.get(member) ?? 1) - 1
            if (left > 0) missing.set(member, left)
            else missing.delete(member)
          }
          if (missing.size === 0) finish()
        }
        const timer = setTimeout(finish, ms)
        listeners.push(listen)
        if (missing.size === 0) finish()
      })
    },
    async end(ms) {
      const programs = [...members]
      for (const [{ pid }, program] of programs) {
        history.write({ type: 'ending', pid })
        program.send({ type: 'end' })
      }
      const late = setTimeout(() => {
        for (const [{ pid }, program] of programs) {
          if (program.end !== undefined) continue
          history.write({ type: 'stuck', pid })
          program.signal('SIGKILL')
        }
      }, ms)
      await Promise.all(programs.map(([, program]) => program.ended))
      clearTimeout(late)
    },
    async kill() {
      doorsOpen = false
      await Promise.all([...members.values()].map((program) => program.kill()))
    },
  }
}
