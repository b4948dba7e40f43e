import { invalidOption as invalid } from './errors.ts'

/** @throws TokenError where the caller's word on one request is not one that adapters know. */
export function checkReplayOptions(bearer: unknown): void {
  if (bearer === undefined || bearer === null || typeof bearer === 'boolean') return
  if (typeof bearer !== 'object') throw invalid('bearer takes false, or an object.')
  const { replay, replayBody }: { replay?: unknown; replayBody?: unknown } = bearer
  if (replay !== undefined && typeof replay !== 'boolean') throw invalid('bearer.replay takes false.')
  if (replayBody !== undefined && typeof replayBody !== 'function')
    throw invalid('bearer.replayBody takes a function that makes the body anew.')
}

/**
 * The body of a replay.
 *
 * @throws TokenError where it is none, or one that was read already: the replay would be empty, and servers answer 200 to that.
 */
export async function renewBody<Body>(replayBody: () => Body | Promise<Body>): Promise<Body> {
  const body = await replayBody()
  if (body === undefined) throw invalid('bearer.replayBody returned no body: let it return null for none.')
  if (typeof body === 'object' && body !== null) {
    const { locked, readableDidRead }: { locked?: unknown; readableDidRead?: unknown } = body
    if (locked === true || readableDidRead === true)
      throw invalid('bearer.replayBody returned a stream that was read already: let it make a new one.')
  }
  return body
}
