import { setTimeout as delay } from 'node:timers/promises'
import { type Step, steps } from '../processes/steps.ts'
import type { Crew, Member } from './crew.ts'
import { type History, now } from './history.ts'
import { createRandom } from './random.ts'

/** Kills and stops processes, at any moment or at a step of a refresh, until `signal` aborts. */
export async function makeTrouble(crew: Crew, seed: number, history: History, signal: AbortSignal): Promise<void> {
  const random = createRandom(seed, 'trouble')
  /** Milliseconds in which a process has to get to the step at which it is to be struck. */
  const patience = 1000
  const pickStep = (): Step => random.pick(steps.filter((step) => step !== 'looked'))
  const pickStop = (): number => (random.chance(0.5) ? random.between(1800, 2600) : random.between(50, 600))

  const resumes = new Set<NodeJS.Timeout>()
  function resumeAfter(member: Member, ms: number): void {
    const resume = setTimeout(() => {
      resumes.delete(resume)
      member.stopped = false
      member.signal('SIGCONT')
      history.write({ type: 'continued', pid: member.pid })
    }, ms)
    resumes.add(resume)
  }

  while (!signal.aborted) {
    await delay(random.between(40, 200), undefined, { signal }).catch(() => {})
    const ready = crew.members.filter((member) => member.ready && !member.stopped)
    // Somebody has to be there to suffer from it.
    if (signal.aborted || ready.length < 2) continue
    const member = random.pick(ready)
    const what = random.next()
    if (what < 0.25) {
      history.write({ type: 'killing', pid: member.pid })
      member.ready = false
      member.signal('SIGKILL')
    } else if (what < 0.5) {
      member.order({ type: 'fall', step: pickStep(), until: now() + patience })
    } else if (what < 0.56) {
      history.write({ type: 'stopping', pid: member.pid })
      member.stopped = true
      member.signal('SIGSTOP')
      resumeAfter(member, pickStop())
    } else if (what < 0.63) {
      member.stopped = true
      member.order({ type: 'freeze', step: pickStep(), until: now() + patience })
      resumeAfter(member, patience + pickStop())
    }
  }
  for (const resume of resumes) clearTimeout(resume)
}
