import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { usageError } from '../failure.ts'
import { secretVariable, server } from './definitions.ts'
import type { Settings } from './resolve.ts'

/**
 * A file of settings that was merely found may have come with a checkout, and it says where a refresh token is sent, and a secret. So
 * it decides about what lies in its own directory only, until somebody names it.
 *
 * @throws CommandError
 */
export async function checkReach({ values, origins }: Settings, env: NodeJS.ProcessEnv): Promise<void> {
  const found = server.map((name) => origins[name]?.found).find((path) => path !== undefined)
  const ran = origins.clientSecretCommand?.found
  if (ran !== undefined) throw beyond(ran, 'runs a program ("clientSecretCommand")')
  const { file, clientSecretFile } = values
  const chosen = origins.file?.found
  if (chosen !== undefined && file !== undefined && !(await isBeside(chosen, file)))
    throw beyond(chosen, `chooses the credential file ${file}, which lies elsewhere`)
  if (found === undefined) return
  if (file !== undefined && !(await isBeside(found, file)))
    throw beyond(found, `says where the refresh token of ${file} is sent, which lies elsewhere`)
  if (env[secretVariable]) throw beyond(found, `says where the secret in ${secretVariable} is sent`)
  if (values.clientSecretCommand !== undefined) throw beyond(found, 'says where the secret of another file is sent')
  if (clientSecretFile !== undefined && !(await isBeside(found, clientSecretFile)))
    throw beyond(found, 'says where a secret is sent that lies elsewhere')
}

async function isBeside(config: string, path: string): Promise<boolean> {
  if (path === '-') return false
  const within = relative(await real(dirname(config)), await real(path))
  return within !== '' && within !== '..' && !within.startsWith(`..${sep}`) && !isAbsolute(within)
}

/** Through symbolic links, also where the end of the path does not exist yet. */
async function real(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(await real(parent), path.slice(parent.length))
  }
}

function beyond(path: string, what: string): Error {
  return usageError(
    `${path} was found in this directory or above it, and ${what}. Read it; if you mean it, name it: --config ${path}, or TOKENFLIGHT_CONFIG.`,
  )
}
