import type { ClientAuth } from 'oauth4webapi'
import { mostSecrets, type SecretSource } from './client-secret-source.ts'
import { notSent } from './grant-errors.ts'
import { untilAborted } from './until-aborted.ts'

/** How the client authenticates one request. `secrets` are those that go with it. */
export interface Authentication {
  apply: ClientAuth
  secrets: readonly string[]
}

/** What a request is bound by. */
export interface RequestLimits {
  signal: AbortSignal
  /** False once whatever gave the right to send has grown too old: asked by whoever sends, right before. Default: it never does. */
  holdsClaim?: (() => boolean) | undefined
}

/** What was answered, as far as it tells about the client. */
interface AboutClient {
  outcome: string
  /** The client's authentication was refused, and nothing else of the request was looked at. */
  clientAuthenticationFailed?: true
}

/**
 * Sends a request, and sends it again with another secret where the server has refused the client itself: that proves that nothing
 * was spent (RFC 6749 section 5.2 `invalid_client`). Every secret is sent at most once, and nothing is sent after any other end.
 */
export type Authenticate = <A extends AboutClient>(
  send: (authentication: Authentication) => Promise<A>,
  limits: RequestLimits,
) => Promise<{ answer: A; tried: number }>

/**
 * @param authentication How a secret is sent.
 * @param identityOf What tells it from the others.
 */
export function rotation<T>(
  source: SecretSource<T>,
  authentication: (secret: T) => Authentication,
  identityOf: (secret: T) => unknown = (secret) => secret,
): Authenticate {
  // Only to save requests: the order in which secrets are tried decides nothing else.
  const refused = new Set<unknown>()
  let worked: T | undefined

  async function* candidates(signal: AbortSignal): AsyncGenerator<T> {
    yield* inOrder(await untilAborted(source.read(), signal))
    // All of them refused: they may have been replaced at this very moment.
    if (source.changes) yield* inOrder(await untilAborted(source.read(), signal).catch(() => []))
    // Or the server has not heard of the new one yet, which takes some of them half a minute.
    if (worked !== undefined) yield worked
  }

  /** Newest first; but what was refused the last time comes after the others. */
  function inOrder(secrets: readonly T[]): T[] {
    const present = new Set(secrets.map(identityOf))
    for (const id of refused) if (!present.has(id)) refused.delete(id)
    const wasRefused = (secret: T) => refused.has(identityOf(secret))
    return [...secrets.filter((secret) => !wasRefused(secret)), ...secrets.filter(wasRefused)]
  }

  return async function authenticate<A extends AboutClient>(
    send: (authentication: Authentication) => Promise<A>,
    { signal }: RequestLimits,
  ) {
    const tried = new Set<unknown>()
    let last: { answer: A; tried: number } | undefined
    for await (const secret of candidates(signal)) {
      const id = identityOf(secret)
      if (tried.has(id)) continue
      if (last !== undefined && (tried.size === mostSecrets || signal.aborted)) break
      tried.add(id)
      const answer = await send(authentication(secret))
      last = { answer, tried: tried.size }
      if (answer.clientAuthenticationFailed === true) {
        refused.add(id)
        if (worked !== undefined && identityOf(worked) === id) worked = undefined
      } else {
        refused.delete(id)
        // Whoever answers that it is overloaded has not said a word about the client.
        if (answer.outcome !== 'unknown' && answer.outcome !== 'unavailable') worked = secret
        return last
      }
    }
    if (last === undefined) throw notSent('there is no secret to send it with')
    return last
  }
}
