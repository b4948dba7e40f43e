import type { Fault } from '@tokenflight/testing'
import type { Random } from '../random.ts'

/** Milliseconds after which a request that hangs goes on. */
export const hangsFor = 1500

/** Answers that spend the refresh token and are lost cost the grant, as they would anywhere: there are only so many of them. */
export function drawFault(random: Random): Fault {
  if (random.chance(0.85)) return { fault: 'none' }
  const faults: Fault[] = [
    { fault: 'unavailable', error: 'temporarily_unavailable' },
    { fault: 'unavailable', retryAfter: 0 },
    { fault: 'unavailable', status: 429, error: 'slow_down' },
    { fault: 'unavailable' },
    { fault: 'reset' },
    { fault: 'reset', consume: true },
    { fault: 'truncated' },
    { fault: 'garbage', shape: 'html' },
    { fault: 'garbage', shape: 'empty', consume: true },
    { fault: 'hang' },
    { fault: 'hang', consume: true },
  ]
  return random.pick(faults)
}

export function describeFault({ fault, consume }: Fault): { fault?: string } {
  if (fault === 'none') return {}
  return { fault: consume === true ? `${fault}, after the token was spent` : fault }
}

export function drawLatency(random: Random): number {
  return random.chance(0.03) ? random.between(200, 1500) : random.between(1, 40)
}
