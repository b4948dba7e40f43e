import { type AccessToken, forResource, forScope, type TokenManager, type TokenSet } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { CommandError, exitCodes, noCredential } from '../failure.ts'
import type { Interruption } from '../interruption.ts'
import type { Patience } from '../settings/manager.ts'
import { missing } from '../settings/missing.ts'
import { checkReach } from '../settings/reach.ts'
import type { Settings } from '../settings/resolve.ts'

export interface Wish extends Patience {
  /** An access token that the API has refused. */
  rejected?: string | undefined
  /** Ctrl-C and its kin. */
  interruption: Pick<Interruption, 'signal'>
}

/** So much of a token's life (ms) is left at least where nothing else needs to be looked at. */
const plenty = 60_000

/**
 * Hands `use` a valid access token, refreshed at most once however many processes ask.
 *
 * @throws CommandError, TokenError
 */
export async function withToken<T>(settings: Settings, wish: Wish, use: (token: AccessToken) => T): Promise<T> {
  const { file, pointer, key = 'default', scope, resource } = settings.values
  if (file === undefined) throw missing('file')
  await checkReach(settings, process.env)
  const store = fileStore(file, pointer === undefined ? {} : { pointer })
  try {
    const { record } = await store.read(key)
    if (record?.tokens === undefined) throw noCredential(file)
    // The usual case, and the reason why it takes hardly longer than to start Node: no grant is loaded, no secret is asked for.
    if (scope === undefined && resource === undefined && wish.rejected === undefined)
      if (isPlainlyGood(record.tokens, wish.minValid)) return use(record.tokens)
    const { openManager } = await import('../settings/manager.ts')
    const signal = AbortSignal.any([wish.interruption.signal, AbortSignal.timeout(wish.timeout)])
    const manager = await openManager(settings, store, wish)
    try {
      return use(await ask(manager, settings, wish, signal))
    } finally {
      await finish(manager, signal.aborted)
    }
  } finally {
    await store.close()
  }
}

/** Lets a refresh that is under way end, whoever has given up waiting for it: leaving it would lose the rotated refresh token. */
async function finish(manager: TokenManager, givenUp: boolean): Promise<void> {
  const told = setTimeout(() => {
    if (givenUp)
      process.stderr.write('A refresh is under way, and ends before this does: its tokens must not be lost.\n')
  }, 500)
  await manager.close()
  clearTimeout(told)
}

function isPlainlyGood({ expiresAt, accessToken }: TokenSet, minValid = 0): boolean {
  if (accessToken === '') return false
  return expiresAt === undefined || expiresAt - Date.now() > Math.max(plenty, minValid)
}

async function ask(manager: TokenManager, { values }: Settings, wish: Wish, signal: AbortSignal): Promise<AccessToken> {
  const { scope, resource } = values
  const source =
    resource !== undefined
      ? forResource(manager, resource, { scope })
      : scope === undefined
        ? manager
        : forScope(manager, scope)
  const { rejected, timeout, interruption } = wish
  try {
    const token = await source.getAccessToken({ rejected, signal })
    if (token.accessToken !== rejected) return token
  } catch (error) {
    if (!signal.aborted || interruption.signal.aborted) throw error
    throw new CommandError(
      exitCodes.temporary,
      `There was no token within ${timeout / 1000} s. Try again later, or with a longer --timeout.`,
    )
  }
  throw new CommandError(
    exitCodes.failed,
    'The refused token is a new one, fetched because the one before it was refused too. Another will not help now: check what the API asks for (its audience, scopes and clock).',
  )
}
