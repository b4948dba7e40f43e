import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { usageError } from '../failure.ts'

/** The refused access token, alone or as the header that `--header` printed: never an argument, which every user could read. */
export async function readRejected(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  let content: string
  try {
    content = path === '-' ? await text(process.stdin) : await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw usageError(
      `--rejected: the file cannot be read (${code}). It takes a file that holds the refused token, not the token.`,
    )
  }
  const token = content
    .trim()
    .replace(/^authorization:\s*/i, '')
    .replace(/^(bearer|dpop)\s+/i, '')
  if (token !== '' && !/\s/.test(token)) return token
  throw usageError('--rejected: there must be one access token in it.')
}
