import { GrantError, type TokenResponse, type TokenSet } from '@tokenflight/core'
import type { Dpop } from './dpop.ts'
import { notSent } from './grant-errors.ts'

/** Kept beside the tokens (`TokenSet.extra`), by the name that it has in an authorization request (RFC 9449 section 10). */
const member = 'dpop_jkt'

/**
 * Redeems with a key, and writes down which: a refresh token of a public client is bound to the key that it was issued to (RFC 9449
 * section 5), and servers say nothing but `invalid_grant` to any other. Where another one is written down, that is no reason to give
 * the refresh token up.
 */
export async function redeemBound(
  { thumbprint }: Dpop,
  previous: TokenSet | undefined,
  redeem: () => Promise<TokenResponse>,
): Promise<TokenResponse> {
  // Before anything is sent: from then on nothing may fail but the request.
  const own = await thumbprint().catch(() => {
    throw notSent('the DPoP key is not usable. Check the key of createDpop()')
  })
  const known = previous?.extra?.[member]
  try {
    return { ...(await redeem()), [member]: own }
  } catch (thrown) {
    const foreign = typeof known === 'string' && known !== own
    if (!(thrown instanceof GrantError) || thrown.outcome !== 'rejected' || !foreign) throw thrown
    const { error, status } = thrown
    throw new GrantError(
      'refused',
      'The authorization server refused the refresh token, which is bound to another DPoP key than the one of the option dpop: pass the ' +
        'key that the tokens were issued to, or sign in again with this one.',
      { error, status },
    )
  }
}
