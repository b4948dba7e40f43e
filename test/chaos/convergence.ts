import type { Crew } from './crew.ts'
import type { History } from './history.ts'
import type { Network } from './network.ts'
import { bound } from './patience.ts'
import type { SignIns } from './sign-ins.ts'

interface Convergence {
  crew: Crew
  network: Network
  signIns: SignIns
  history: History
  signal: AbortSignal
}

/** Milliseconds in which a process that nothing keeps alive has to have ended. */
const endsWithin = 5000

/** I9: the trouble is over. Everybody finishes; then one request at most brings everybody the same token, or one clear end. */
export async function converge({ crew, network, signIns, history, signal }: Convergence): Promise<void> {
  await network.calm()
  // Again and again: one may be about to stop itself.
  const resume = setInterval(() => {
    for (const member of crew.members) member.signal('SIGCONT')
  }, 100)
  try {
    await allReady(crew, signal)
    crew.closeDoors()
    const resting = crew.all('resting', 2 * bound)
    for (const member of crew.members) member.order({ type: 'rest' })
    for (const { pid } of (await resting).silent) history.write({ type: 'silent', pid })
  } finally {
    clearInterval(resume)
  }
  signal.throwIfAborted()

  for (let round = 1; round <= 2; round++) {
    await signInIfNeeded(round, signIns)
    await askAll(round, { crew, network, signIns, history })
  }
  // Somebody who has seen nothing of all this, and who clears away what the dead have left.
  await crew.end(endsWithin)
  crew.hire()
  await allReady(crew, signal)
  const resting = crew.all('resting', bound)
  for (const member of crew.members) member.order({ type: 'rest' })
  await resting
  await askAll(3, { crew, network, signIns, history })
  await crew.end(endsWithin)
}

async function signInIfNeeded(round: number, signIns: SignIns): Promise<void> {
  if (round > 1) await signIns.signInIfEnded()
}

async function askAll(round: number, { crew, network, signIns, history }: Omit<Convergence, 'signal'>): Promise<void> {
  const { tokens } = await signIns.stored()
  const requests = network.server.tokenRequests
  const asked = crew.all('converged', 2 * bound)
  for (const member of crew.members) member.order({ type: 'converge', round, rejected: tokens?.accessToken ?? '' })
  const { silent, reports } = await asked
  for (const { pid } of silent) history.write({ type: 'silent', pid })
  const answers = reports.flatMap((report) => (report.type === 'converged' ? [report.answer] : []))
  history.write({ type: 'converged', round, requests: network.server.tokenRequests - requests, answers })
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
