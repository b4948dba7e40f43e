import { setTimeout as delay } from 'node:timers/promises'
import type { Crew } from './crew.ts'
import { type History, now } from './history.ts'
import type { Issuer } from './servers/issuer.ts'
import type { SignIns } from './sign-ins.ts'

interface Convergence {
  crew: Crew
  issuer: Issuer
  signIns: SignIns
  history: History
  /** The longest that a caller may wait, in milliseconds. */
  boundMs: number
  signal: AbortSignal
}

/** Milliseconds in which a process that nothing keeps alive has to have ended. */
const endsWithin = 5000

/** I9: the trouble is over. Everybody finishes; then one request at most brings everybody the same token, or one clear end. */
export async function converge({ crew, issuer, signIns, history, boundMs, signal }: Convergence): Promise<void> {
  history.write({ type: 'quiet' })
  await issuer.calm()
  // Again and again: one may be about to stop itself.
  const resume = setInterval(() => {
    for (const member of crew.members) member.signal('SIGCONT')
  }, 100)
  try {
    await allReady(crew, signal)
    crew.closeDoors()
    const resting = crew.all('resting', 2 * boundMs)
    for (const member of crew.members) member.order({ type: 'rest' })
    for (const { pid } of (await resting).silent) history.write({ type: 'silent', pid })
  } finally {
    clearInterval(resume)
  }
  signal.throwIfAborted()

  const ask = (round: number, rejected?: string) => askAll({ crew, issuer, history, boundMs, signal }, round, rejected)
  await ask(1)
  await signIns.signInIfEnded()
  await ask(2)
  await ask(3, (await signIns.stored()).tokens?.accessToken)
  // Somebody who has seen nothing of all this, and who clears away what the dead have left.
  await crew.end(endsWithin)
  crew.hire()
  await allReady(crew, signal)
  const resting = crew.all('resting', boundMs)
  for (const member of crew.members) member.order({ type: 'rest' })
  await resting
  await ask(4, (await signIns.stored()).tokens?.accessToken)
  await crew.end(endsWithin)
}

/** Asks everybody until all say the same: what is in memory follows the store in its own time. */
async function askAll(
  { crew, issuer, history, boundMs, signal }: Omit<Convergence, 'signIns'>,
  round: number,
  rejected?: string,
): Promise<void> {
  const before = issuer.tokenRequests
  const deadline = now() + boundMs
  for (;;) {
    signal.throwIfAborted()
    const asked = crew.all('converged', 2 * boundMs)
    for (const member of crew.members)
      member.order({ type: 'converge', round, ...(rejected === undefined ? {} : { rejected }) })
    const { silent, reports } = await asked
    const answers = reports.flatMap((report) => (report.type === 'converged' ? [report.answer] : []))
    if (new Set(answers).size > 1 && silent.length === 0 && now() < deadline) {
      await delay(50)
      continue
    }
    for (const { pid } of silent) history.write({ type: 'silent', pid })
    history.write({ type: 'converged', round, requests: issuer.tokenRequests - before, answers })
    return
  }
}

/** New processes may still be starting. */
function allReady(crew: Crew, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (crew.members.every(({ ready }) => ready)) resolve()
    }
    crew.onReport(look)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    look()
  })
}
