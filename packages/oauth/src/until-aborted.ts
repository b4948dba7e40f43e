import { notSent } from './grant-errors.ts'

/**
 * Waits for what must be ready before a token request can be sent, no longer than `signal` allows. The work itself goes on; its
 * later failure is nobody's.
 *
 * Not for the request itself: once that has left, whoever gives up on it loses a rotated token that may still arrive.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(givenUp())
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

export const givenUp = (): Error => notSent('it was given up before it could be sent')

/** Whoever waited for a silent process may have taken its right to send over. */
export const grownOld = (): Error =>
  notSent(
    'getting it ready took so long that another process may have begun. Check how long clientSecret or privateKey take',
  )
