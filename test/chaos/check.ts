import type { Entry } from './entries.ts'
import { type Evidence, gatherEvidence, type Invariant, type Violation } from './evidence.ts'
import { checkGenerations, type Generations } from './generations.ts'
import { checkPresentations, type Presentations } from './presentations.ts'
import { checkWaits } from './waits.ts'

export interface Verdict extends Presentations, Generations {
  invariants: Record<Invariant, boolean>
  violations: Violation[]
  tornReads: number
  longestWaitMs: number
  boundMs: number
  leftovers: number
  kills: number
  stops: number
  /** At the token endpoint and in stores, between them and the processes, and in their clocks. */
  faults: number
  reauthorizations: number
  calls: number
}

/** What each invariant promises, in a few words. */
export const invariants: Readonly<Record<Invariant, string>> = {
  I1: 'a refresh token is presented again only after a recorded death, doubt or expiry',
  I2: 'callers get tokens that the server issued, that are good, and that are the newest where nothing older is in memory',
  I3: 'what was kept is never overwritten by older content',
  I4: 'a reader never sees torn content',
  I5: 'no caller waits longer than the bound',
  I6: 'a stopped and resumed process presents no token that others have spent',
  I7: 'no request without a claim in the store; all waiters of one flight get the same',
  I8: 'leftovers are bounded, and a file stays 0600',
  I9: 'after the faults one more request at most, or one clear end',
  P1: 'no token in what processes write, nor in file names',
  P2: 'no process ends too early (no unhandled rejection) or not at all (no handle left open)',
}

/** Whether a run kept its promises. Pure: all that it knows is in the history. */
export function check(entries: readonly Entry[]): Verdict {
  const evidence = gatherEvidence(entries)
  const { run, all } = evidence
  const { violations: presented, ...presentations } = checkPresentations(evidence)
  const { violations: kept, ...generations } = checkGenerations(evidence)
  const { violations: waited, longestWaitMs } = checkWaits(evidence)
  const violations = [...presented, ...kept, ...waited, ...checkRest(evidence)].sort((one, other) => one.at - other.at)

  const broken = new Set(violations.map(({ invariant }) => invariant))
  const verdicts = Object.keys(invariants).map((name) => [name, !broken.has(name as Invariant)])
  return {
    invariants: Object.fromEntries(verdicts),
    violations,
    ...presentations,
    ...generations,
    tornReads: all('torn').length,
    longestWaitMs,
    boundMs: run.boundMs,
    leftovers: all('finished')[0]?.leftovers.length ?? 0,
    kills: all('killing').length,
    stops: all('stopping').length,
    faults:
      all('presented').filter(({ fault }) => fault !== undefined).length +
      all('store_fault').length +
      all('trouble').length +
      all('clock').filter(({ offsetMs }) => offsetMs !== 0).length,
    reauthorizations: Math.max(0, all('signed_in').length - 1),
    calls: all('called').reduce((sum, { callers }) => sum + callers, 0),
  }
}

function checkRest({ run, all }: Evidence): Violation[] {
  const violations: Violation[] = []
  const complain = (invariant: Invariant, at: number, what: string): void =>
    void violations.push({ invariant, at, what })

  for (const { at, bytes, why } of all('torn')) complain('I4', at, `a read brought ${bytes} bytes: ${why}`)
  for (const { at, pid, rejected, tokens, errors, shared } of all('called'))
    if (rejected === undefined && !errors.includes('left') && shared > 1)
      complain('I7', at, `calls of one tick in process ${pid} got ${[...tokens, ...errors].join(', ')}`)
  for (const { at, mode } of [...all('seen'), ...all('finished')])
    if (mode !== undefined && mode !== 0o600) complain('I8', at, `the file had mode ${mode.toString(8)}`)
  for (const { at, leftovers, leaks } of all('finished')) {
    if (leftovers.length > run.processes) complain('I8', at, `${leftovers.length} leftovers: ${leftovers.join(' ')}`)
    if (leaks > 0) complain('P1', at, `${leaks} tokens in what was written`)
  }
  const issued = new Set(all('issued').map(({ access }) => access))
  for (const { at, round, requests, answers } of all('converged')) {
    if (requests > 1) complain('I9', at, `round ${round} took ${requests} requests`)
    const [answer = '', ...others] = [...new Set(answers)]
    const ended = round === 1 && answer === 'reauthorization_required'
    if (others.length > 0 || !(issued.has(answer) || ended))
      complain('I9', at, `round ${round} ended with ${[answer, ...others].join(', ')}`)
  }
  for (const { at, pid, code, signal, said } of all('ended'))
    if (code !== 0 && signal !== 'SIGKILL') complain('P2', at, `process ${pid} ended with ${signal ?? code}: ${said}`)
  for (const { at, pid } of all('stuck')) complain('P2', at, `process ${pid} did not end when it had nothing to do`)
  if (all('finished').length === 0 || all('converged').length === 0)
    complain('I9', 0, 'the run did not come to its end')
  return violations
}
