import { GrantError } from './grant.ts'
import { readAnswer, readFailure } from './grant-outcome.ts'
import type { RefreshPurpose } from './look.ts'
import type { RefreshContext } from './refresh-context.ts'
import { drainTime } from './refresh-policy.ts'
import { mergeTokens } from './rotation-merge.ts'
import { within } from './timing.ts'
import type { TokenResponse, TokenSet } from './token-set.ts'

/** How one presentation of a refresh token ended. */
export interface Presented {
  /** Epoch milliseconds when the request was sent. */
  requestedAt: number
  answer: TokenResponse | GrantError
  /** The request was given up, but its answer may still come: tokens in it must not be lost. */
  late?: Promise<TokenResponse | GrantError>
}

/** ONE call of the grant, under a time limit of its own. Never rejects. */
export async function present(
  { timing, policy, grant }: RefreshContext,
  previous: TokenSet | undefined,
  { background, audience }: Pick<RefreshPurpose, 'background' | 'audience'>,
): Promise<Presented> {
  const requestedAt = timing.now()
  const abort = new AbortController()
  const begun = timing.monotonic()
  // As before the first request: whoever slept past half the ttl may have been taken over.
  const holdsClaim = () => timing.monotonic() - begun <= policy.claimTtl / 2
  const request = { previous: previous && { ...previous }, signal: abort.signal, holdsClaim, ...audience?.asked }
  const call = ask(() => grant(request))

  let answer = await within(timing, policy.refreshTimeout, call, background)
  // The timer may have fired only because the process was stopped: the answer gets one turn before the request is aborted.
  answer ??= await within(timing, drainTime, call, background)
  if (answer !== undefined) return { requestedAt, answer }

  abort.abort(new GrantError('unknown', `the token request took longer than ${policy.refreshTimeout} ms`))
  answer = await within(timing, drainTime, call, background)
  if (answer !== undefined) return { requestedAt, answer }
  return {
    requestedAt,
    answer: new GrantError('unknown', 'the token request timed out and ignored its signal'),
    late: call,
  }
}

async function ask(grant: () => Promise<unknown>): Promise<TokenResponse | GrantError> {
  try {
    const answer = readAnswer(await grant())
    // What cannot be read now (a getter that throws) could not be kept later either, however often it is tried.
    if (!(answer instanceof GrantError)) mergeTokens(undefined, answer, 0)
    return answer
  } catch (thrown) {
    try {
      return readFailure(thrown)
    } catch {
      return new GrantError('unknown', 'the token request failed')
    }
  }
}
