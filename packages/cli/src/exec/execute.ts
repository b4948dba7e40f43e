import type { Command } from 'commander'
import { failureOf } from '../failure.ts'
import { interruption } from '../interruption.ts'
import { secretVariable } from '../settings/definitions.ts'
import { resolveSettings } from '../settings/resolve.ts'
import { withToken } from '../token/obtain.ts'
import type { TokenOptions } from '../token/options.ts'
import { readRejected } from '../token/rejected.ts'
import { runChild } from './child.ts'

/** @returns The exit code: the command's own, once it runs. */
export async function execute(
  command: Command,
  program: string,
  args: readonly string[],
  options: TokenOptions & { env: string },
): Promise<number> {
  const settings = await resolveSettings(command)
  const interrupted = interruption()
  let token: string
  try {
    const rejected = await readRejected(options.rejected)
    const wish = { ...options, rejected, interruption: interrupted }
    token = await withToken(settings, wish, ({ accessToken }) => accessToken)
  } catch (error) {
    if (interrupted.signal.aborted) return interrupted.exitCode()
    throw failureOf(error, settings.values.file) ?? error
  } finally {
    interrupted.release()
  }
  // Who may use the token has no business with the secret.
  const { [secretVariable]: _, ...env } = process.env
  return runChild(program, args, { ...env, [options.env]: token })
}
