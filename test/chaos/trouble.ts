import { setTimeout as delay } from 'node:timers/promises'
import type { Crew, Member } from './crew.ts'
import { type History, now } from './history.ts'
import type { Moment } from './moments.ts'
import { createRandom } from './random.ts'

interface Trouble {
  crew: Crew
  /** Where a process may be struck. */
  moments: readonly Moment[]
  seed: number
  history: History
  signal: AbortSignal
}

/** Kills and stops processes, at any moment or at a step of a refresh, and sets their clocks, until `signal` aborts. */
export async function makeTrouble({ crew, moments, seed, history, signal }: Trouble): Promise<void> {
  const random = createRandom(seed, 'trouble')
  /** Milliseconds in which a process has to get to the step at which it is to be struck. */
  const patience = 1000
  const pickStop = (): number => (random.chance(0.5) ? random.between(1800, 2600) : random.between(50, 600))

  /** Milliseconds: an hour, a day. */
  const farOff = [-3_600_000, 3_600_000, 86_400_000]
  const pickOffset = (): number => Math.round(random.chance(0.8) ? random.between(-2000, 2000) : random.pick(farOff))

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
    await delay(random.between(100, 500), undefined, { signal }).catch(() => {})
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
      member.order({ type: 'fall', moment: random.pick(moments), until: now() + patience })
    } else if (what < 0.56) {
      history.write({ type: 'stopping', pid: member.pid })
      member.stopped = true
      member.signal('SIGSTOP')
      resumeAfter(member, pickStop())
    } else if (what < 0.63) {
      member.stopped = true
      member.order({ type: 'freeze', moment: random.pick(moments), until: now() + patience })
      resumeAfter(member, patience + pickStop())
    } else if (what < 0.66) {
      member.order({ type: 'clock', offsetMs: pickOffset() })
      resumes.add(setTimeout(() => member.order({ type: 'clock', offsetMs: 0 }), random.between(500, 3000)))
    }
  }
  for (const resume of resumes) clearTimeout(resume)
}
