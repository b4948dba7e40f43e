import { invalidOption } from './errors.ts'
import { drawRefreshAt } from './keep.ts'
import type { RefreshContext } from './refresh-context.ts'
import { storeFailed } from './refresh-errors.ts'
import { mergeTokens } from './rotation-merge.ts'
import type { TokenResponseParameters } from './token-set.ts'
import type { TokenRecord } from './token-store.ts'
import type { Kept } from './view.ts'

/**
 * Keeps what a login brought. A sign-in is a generation of its own: a refresh under way finds that out at its commit, and gives way.
 *
 * @throws TokenError `invalid_option`, `store_failed`, `store_corrupt`
 */
export async function signIn(
  context: RefreshContext,
  answer: TokenResponseParameters,
  subject?: string,
): Promise<Kept> {
  const { readTokens } = context.grant
  const response = readTokens === undefined ? answer : readTokens(answer)
  if (typeof response?.access_token !== 'string' || response.access_token === '') {
    throw invalidOption(
      'setTokens() needs an access_token: pass { access_token, refresh_token, expires_in } as the token endpoint sends it (RFC 6749 section 5.1).',
    )
  }
  if (subject !== undefined && (typeof subject !== 'string' || subject === '')) {
    throw invalidOption('setTokens: `subject` must be a non-empty string that names the account.')
  }
  const tokens = mergeTokens(subject === undefined ? undefined : { subject }, response, context.timing.now())
  const refreshAt = drawRefreshAt(context, tokens)
  return overrule(context, (current) => ({
    tokens,
    revision: (current?.revision ?? 0) + 1,
    generation: (current?.generation ?? 0) + 1,
    ...(refreshAt === undefined ? {} : { refreshAt }),
  }))
}

/**
 * Removes the credential. A refresh under way finds nothing at its commit, and does not bring it back. What was stored is ended at the
 * authorization server, also where the store does not say whether it has removed it: that it is to end is certain.
 */
export async function signOut(context: RefreshContext): Promise<void> {
  let removed: TokenRecord | undefined
  try {
    await overrule(context, (current) => {
      removed = current
      return undefined
    })
  } finally {
    if (removed?.tokens !== undefined) context.revoke?.behind(context, removed.tokens)
  }
}

/** Each lost write means that somebody else has written; a store that always says so is broken. */
const attempts = 1_000

/** Writes over whatever is stored, and over whatever is still on its way there. */
async function overrule<Next extends TokenRecord | undefined>(
  context: RefreshContext,
  next: (current: TokenRecord | undefined) => Next,
): Promise<Next> {
  const { store, key } = context
  let record: Next | undefined
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { record: current, version } = await store.read(key)
      record = next(current)
      const nothingToDo = current === undefined && record === undefined
      if (!nothingToDo && !(await store.compareAndSet(key, version, record)).ok) continue
      // Its commit gives way when it gets through; until then it must not be served in place of what has just been decided.
      context.unsaved = undefined
      context.decisions++
      return record
    }
    throw new Error('compareAndSet() never finds the version that read() returned')
  } catch (thrown) {
    throw storeFailed(context, thrown, record)
  }
}
