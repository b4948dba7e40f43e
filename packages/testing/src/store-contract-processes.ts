import type { ChildProcess } from 'node:child_process'
import type { Holder } from '@tokenflight/core'
import type { ContractProcess, StoreCase, StoreFixture, StoreUnderTest } from './store-contract-fixture.ts'
import { key, tell } from './store-contract-record.ts'
import type { WorkerOrder, WorkerReport } from './store-contract-worker.ts'

/**
 * Processes that increment one record. Because each success names the version that it consumed, this is a complete test of a
 * compare-and-set register: no version consumed twice, and acknowledged <= final <= acknowledged + kills.
 */
export function processCases<T extends StoreUnderTest>(fixture: StoreFixture<T>): StoreCase<T>[] {
  const { processes } = fixture
  if (processes === undefined) return []
  const crew = (subject: T, spare = 0): Promise<Crew> => startCrew(processes.call(fixture, subject), spare)
  const cases: StoreCase<T>[] = [
    {
      name: 'six processes that increment at once lose no increment',
      timeout: 180_000,
      async check(subject) {
        const at = await crew(subject)
        await at.during(async () => at.acknowledged(120))
        await at.verify(subject)
      },
    },
    {
      name: 'six processes that increment while one after the other is killed lose no increment',
      timeout: 180_000,
      async check(subject) {
        const at = await crew(subject, 10)
        await at.during(async () => {
          for (let kill = 0; kill < 10; kill++) {
            await at.acknowledged(12)
            const { holder, closed } = at.kill()
            await closed
            const state = holder && (await subject.store.holderState?.(holder))
            tell(state !== 'alive', 'holderState() called a killed process alive')
            at.replace()
          }
          await at.acknowledged(24)
        })
        await at.verify(subject)
      },
    },
  ]
  if (process.platform !== 'win32')
    cases.push({
      name: 'six processes that increment while one after the other is stopped and continued lose no increment',
      timeout: 180_000,
      async check(subject) {
        const at = await crew(subject)
        await at.during(async () => {
          for (let stop = 0; stop < 8; stop++) {
            await at.acknowledged(12)
            const victim = at.pick()
            victim.child.kill('SIGSTOP')
            try {
              // The others get past it, wherever it was stopped.
              await at.acknowledged(12)
              const state = victim.holder && (await subject.store.holderState?.(victim.holder))
              tell(state !== 'dead', 'holderState() called a stopped process dead')
            } finally {
              victim.child.kill('SIGCONT')
            }
          }
          await at.acknowledged(24)
        })
        await at.verify(subject)
      },
    })
  return cases
}

const size = 6
/** Longest time without any success before the store counts as stuck, in milliseconds. */
const patience = 20_000

interface Member {
  child: ChildProcess
  holder: Holder | undefined
  closed: Promise<void>
}

interface Crew {
  /** Lets all run while `act` does, then ends them. */
  during(act: () => Promise<void>): Promise<void>
  /** Resolves after so many more successes. */
  acknowledged(count: number): Promise<void>
  pick(): Member
  kill(): Member
  /** A spare process runs from now on. */
  replace(): void
  verify(subject: StoreUnderTest): Promise<void>
}

/** `spare` processes more are started, and wait: beside others that keep every core busy, to start one takes seconds. */
async function startCrew(program: ContractProcess, spare: number): Promise<Crew> {
  // Not at the top: where there are no processes the rest of the contract runs all the same.
  const { fork } = await import('node:child_process')
  const { fileURLToPath } = await import('node:url')
  const module = program.module instanceof URL ? fileURLToPath(program.module) : program.module

  const seed = Math.floor(Math.random() * 2 ** 31)
  const random = seeded(seed)
  const members = new Set<Member>()
  const spares: Member[] = []
  const successes: { from: string; to: string; revision: number }[] = []
  let kills = 0
  let failure: Error | undefined
  let moved = (): void => {}

  function fail(message: string): void {
    failure ??= new Error(`${message} (seed ${seed}, ${successes.length} acknowledged, ${kills} killed)`)
    moved()
  }

  function hire(): Promise<Member> {
    return new Promise((resolve, reject) => {
      const child = fork(module, [...(program.args ?? [])], {
        execArgv: [...(program.execArgv ?? [])],
        serialization: 'json',
      })
      const closed = new Promise<void>((done) => child.once('close', () => done()))
      const member: Member = { child, holder: undefined, closed }
      child.on('error', reject)
      child.once('close', (code, signal) => {
        members.delete(member)
        if (code !== 0 && signal !== 'SIGKILL') fail(`A contract process ended with ${signal ?? `exit code ${code}`}.`)
        reject(new Error(`The contract process ${module} ended before it called serveStoreContract().`))
      })
      child.on('message', (report: WorkerReport) => {
        if (report.type === 'ready') {
          member.holder = report.holder
          resolve(member)
        } else if (report.type === 'acknowledged') {
          successes.push(report)
          moved()
        } else if (report.type === 'failed') fail(`A contract process could not go on: ${report.message}`)
      })
    })
  }

  function order(member: Member, what: WorkerOrder): void {
    if (member.child.connected) member.child.send(what, () => {})
  }

  async function acknowledged(count: number): Promise<void> {
    for (const goal = successes.length + count; successes.length < goal; ) {
      if (failure !== undefined) throw failure
      const before = successes.length
      const timer = setTimeout(() => {
        if (successes.length === before) fail(`No compareAndSet succeeded for ${patience / 1000} seconds.`)
      }, patience)
      await new Promise<void>((resolve) => {
        moved = resolve
      })
      clearTimeout(timer)
    }
  }

  function pick(): Member {
    const member = [...members][Math.floor(random() * members.size)]
    if (member === undefined) throw failure ?? new Error('No contract process is left.')
    return member
  }

  async function end(): Promise<void> {
    for (const member of members) order(member, 'stop')
    // They have begun nothing that they could finish.
    for (const { child } of spares) if (child.connected) child.disconnect()
    const all = Promise.all([...members, ...spares].map((member) => member.closed))
    const timer = setTimeout(() => {
      fail('A contract process did not finish its last compareAndSet.')
      for (const { child } of [...members, ...spares]) child.kill('SIGKILL')
    }, patience)
    await all
    clearTimeout(timer)
  }

  spares.push(...(await Promise.all(Array.from({ length: size + spare }, hire))))
  for (const member of spares.splice(0, size)) members.add(member)

  return {
    acknowledged,
    pick,
    kill() {
      const member = pick()
      kills++
      member.child.kill('SIGKILL')
      return member
    },
    replace() {
      const member = spares.pop()
      if (member === undefined) throw new Error('No spare contract process is left.')
      members.add(member)
      order(member, 'run')
    },
    async during(act) {
      for (const member of members) order(member, 'run')
      try {
        await act()
      } finally {
        await end()
      }
    },
    async verify({ store }) {
      if (failure !== undefined) throw failure
      const told = `(seed ${seed}, ${successes.length} acknowledged, ${kills} killed)`
      for (const part of ['from', 'to', 'revision'] as const)
        tell(
          new Set(successes.map((success) => success[part])).size === successes.length,
          `two writers succeeded ${part === 'from' ? 'on one version' : `with the same ${part}`} ${told}`,
        )
      const final = (await store.read(key)).record?.revision ?? 0
      tell(final >= successes.length, `an acknowledged increment was lost: the record stands at ${final} ${told}`)
      tell(final <= successes.length + kills, `the record stands at ${final}, more than anybody wrote ${told}`)
    },
  }
}

/** Mulberry32: the same victims for the same seed. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
