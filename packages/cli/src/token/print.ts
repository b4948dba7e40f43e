import type { AccessToken } from '@tokenflight/core'
import type { Command } from 'commander'
import { CommandError, exitCodes, failureOf } from '../failure.ts'
import { interruption } from '../interruption.ts'
import { isoTime } from '../iso-time.ts'
import { resolveSettings } from '../settings/resolve.ts'
import { withToken } from './obtain.ts'
import type { TokenOptions } from './options.ts'
import { readRejected } from './rejected.ts'

export interface TokenFormat {
  header?: true
  json?: true
}

/** @returns The exit code. */
export async function printToken(command: Command, options: TokenOptions & TokenFormat): Promise<number> {
  const interrupted = interruption()
  const settings = await resolveSettings(command)
  try {
    const rejected = await readRejected(options.rejected)
    const wish = { ...options, rejected, interruption: interrupted }
    await withToken(settings, wish, (token) => process.stdout.write(`${format(token, options)}\n`))
    return 0
  } catch (error) {
    if (interrupted.signal.aborted) return interrupted.exitCode()
    throw failureOf(error, settings.values.file) ?? error
  } finally {
    interrupted.release()
  }
}

function format(token: AccessToken, { header, json }: TokenFormat): string {
  // RFC 6750 section 2.1: with a line break in it, it would be a header of somebody else's making.
  if (!json && !/^[\x21-\x7e]+ [\x21-\x7e]+$/.test(`${token.tokenType} ${token.accessToken}`))
    throw new CommandError(
      exitCodes.failed,
      'The access token holds characters that no header may hold. Sign in again, or look at it with --json.',
    )
  if (header) return headerOf(token)
  return json ? JSON.stringify(describe(token)) : token.accessToken
}

/** RFC 6750 section 2.1 writes "Bearer", and so do servers that compare letter by letter. */
function headerOf({ tokenType, accessToken }: AccessToken): string {
  return `Authorization: ${/^bearer$/i.test(tokenType) ? 'Bearer' : tokenType} ${accessToken}`
}

/** Never the refresh token: whoever asks for an access token has no use for it. */
function describe({ accessToken, tokenType, expiresAt, scope }: AccessToken) {
  const times = expiresAt === undefined ? {} : { expires_at: Math.floor(expiresAt / 1000), expires: isoTime(expiresAt) }
  return { access_token: accessToken, token_type: tokenType, ...times, ...(scope === undefined ? {} : { scope }) }
}
