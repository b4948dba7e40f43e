import type { TokenSet } from '@tokenflight/core'
import type { Found } from '../credential/find.ts'
import { ago } from '../status/words.ts'
import { printable } from '../terminal.ts'
import type { Source } from './source.ts'

/** What was found, without the secrets. */
export function describeFound(source: Source, { pointer }: Found, tokens: TokenSet): string {
  const { accessToken, refreshToken, scope, expiresAt } = tokens
  const parts = [
    accessToken === '' ? [] : `an access token${expiryOf(expiresAt)}`,
    refreshToken ? 'a refresh token' : [],
    scope === undefined ? [] : `the scope ${printable(scope)}`,
  ].flat()
  const lines = [`${printable(`${source.name}${pointer === '' ? '' : ` at ${pointer}`}`)} holds ${parts.join(', ')}.`]
  if (!refreshToken)
    lines.push('Without a refresh token it cannot be refreshed: it is good until the access token ends.')
  return lines.join('\n')
}

function expiryOf(expiresAt: number | undefined): string {
  if (expiresAt === undefined) return ' with no known end'
  const left = expiresAt - Date.now()
  return left > 0 ? ` that ends in ${ago(left)}` : ' that has ended'
}
