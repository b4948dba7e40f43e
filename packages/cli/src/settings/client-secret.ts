import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { usageError } from '../failure.ts'
import { secretVariable } from './definitions.ts'
import type { Settings } from './resolve.ts'

/**
 * The client secret, from wherever it was said to be; undefined for a client without one. The variable loses against a flag, and wins
 * over files of settings.
 *
 * @throws CommandError which never holds the secret, nor what a program printed.
 */
export async function readClientSecret(
  { values, origins }: Settings,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const { clientSecretFile, clientSecretCommand, clientAuthentication } = values
  if (clientAuthentication === 'none') return undefined
  const flag = origins.clientSecretFile?.label.startsWith('--') === true
  const variable = env[secretVariable]
  if (variable && !flag) return variable
  if (clientSecretFile !== undefined) return secretIn(await contentOf(clientSecretFile), clientSecretFile)
  return clientSecretCommand && secretIn(await outputOf(clientSecretCommand), `what ${clientSecretCommand[0]} printed`)
}

function secretIn(content: string, where: string): string {
  // Editors and echo end a file with a line break.
  const secret = content.replace(/\r?\n$/, '')
  if (secret !== '' && !/[\r\n]/.test(secret)) return secret
  throw usageError(`The client secret is not in ${where}: that must be one line that is not empty.`)
}

async function contentOf(path: string): Promise<string> {
  if (path === '-') return text(process.stdin)
  try {
    const handle = await open(path)
    try {
      const { mode } = await handle.stat()
      // Windows has no such bits.
      if (process.platform !== 'win32' && (mode & 0o077) !== 0)
        throw usageError(
          `The client secret in ${path} can be read by others (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 ${path}`,
        )
      return await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw usageError(`The client secret cannot be read from ${path} (${String(error.code)}). Correct clientSecretFile.`)
  }
}

async function outputOf([program = '', ...args]: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { timeout: 30_000, maxBuffer: 64 * 1024 })).stdout
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    throw usageError(
      `The program of clientSecretCommand, ${program}, did not print the client secret (${code ?? 'ended by a signal or after 30 s'}). Run it by itself to see why.`,
    )
  }
}
