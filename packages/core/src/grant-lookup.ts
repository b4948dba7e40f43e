import { isTokenError, TokenError } from './errors.ts'
import type { Grant } from './grant.ts'
import { redactError } from './redact.ts'
import { type Timing, within } from './timing.ts'

/** Says which grant a credential uses, by its key: for tenants with authorization servers of their own. */
export type GrantFor = (key: string) => Grant | Promise<Grant>

/** Longer than any database takes, in milliseconds. */
const longest = 30_000

/** Asks once for all who wait for the same key, and remembers nothing: not the grant, and not that there was none. */
export function grantLookup(grantFor: GrantFor, timing: Timing): GrantFor {
  const underWay = new Map<string, Promise<Grant>>()

  async function wait(key: string, answer: Promise<Grant>): Promise<Grant> {
    try {
      const found = await within(
        timing,
        longest,
        answer.then((grant) => ({ grant })),
      )
      if (found === undefined) throw lookupFailed(key, `has not answered within ${longest / 1000} seconds`)
      return checkFound(key, found.grant)
    } catch (thrown) {
      throw isTokenError(thrown) ? thrown : lookupFailed(key, 'failed, see cause', redactError(thrown, []))
    } finally {
      underWay.delete(key)
    }
  }

  return (key) => {
    const asked = underWay.get(key)
    if (asked !== undefined) return asked
    const answer = call(grantFor, key)
    if (typeof answer === 'function') return answer
    const waiting = wait(key, answer)
    underWay.set(key, waiting)
    return waiting
  }
}

/** Whatever it throws, and whatever kind of promise it returns. */
function call(grantFor: GrantFor, key: string): Grant | Promise<Grant> {
  try {
    const answer = grantFor(key)
    return typeof answer === 'function' ? answer : Promise.resolve(answer)
  } catch (thrown) {
    return Promise.reject(thrown)
  }
}

function checkFound(key: string, grant: Grant): Grant {
  if (typeof grant === 'function') return grant
  throw new TokenError(
    'invalid_option',
    `createTokenManagers: what \`grantFor\` returned is no grant (key "${key}"). Let it return one, for example refreshTokenGrant({ ... }).`,
  )
}

function lookupFailed(key: string, what: string, cause?: Error): TokenError {
  return new TokenError(
    'temporarily_unavailable',
    `createTokenManagers: \`grantFor\` ${what} (key "${key}"), so nothing was sent. Try again later. Where there is no such tenant, let it ` +
      "throw a TokenError that says so, for example 'no_credential'.",
    { cause },
  )
}
