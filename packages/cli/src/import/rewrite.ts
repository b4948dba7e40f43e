import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Renames, renamed } from '../credential/spelling.ts'
import { CommandError, exitCodes } from '../failure.ts'
import type { Source } from './source.ts'

/**
 * The same document with some names of one object changed; everything else stays, with its order, and with numbers as they are spelled.
 *
 * @param pointer Of that object, which exists.
 */
export function withNames({ bytes }: Pick<Source, 'bytes'>, pointer: string, renames: Renames): string {
  const text = new TextDecoder().decode(bytes)
  const root: unknown = JSON.parse(text, (_, value: unknown, context?: { source?: string }) =>
    asSpelled(value, context?.source),
  )
  const indent = /^\s*[{[]\r?\n([ \t]+)/.exec(text)?.[1]
  return `${JSON.stringify(changed(root, pointer.split('/').slice(1).map(unescaped), renames), undefined, indent)}\n`
}

/** JSON.stringify writes what JSON.rawJSON returned letter by letter. TypeScript does not know it yet. */
function asSpelled(value: unknown, source: string | undefined): unknown {
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value
  const raw: unknown = Reflect.get(JSON, 'rawJSON')
  return typeof raw === 'function' ? raw(source) : value
}

function changed(value: unknown, [name, ...rest]: readonly string[], renames: Renames): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (name === undefined) return renamed({ ...value }, renames)
  if (Array.isArray(value))
    return value.map((inner, index) => (String(index) === name ? changed(inner, rest, renames) : inner))
  return Object.fromEntries(
    Object.entries(value).map(([own, inner]) => [own, own === name ? changed(inner, rest, renames) : inner]),
  )
}

const unescaped = (name: string): string => name.replaceAll('~1', '/').replaceAll('~0', '~')

/**
 * Replaces a file by one rename, durably, with its mode and owner, unless it has changed since it was read.
 *
 * @throws CommandError
 */
export async function replaceFile(path: string, before: Uint8Array, content: string): Promise<void> {
  const file = await realpath(path)
  const { mode, uid, gid } = await stat(file)
  const temporary = `${file}.${process.pid}.tmp`
  const handle = await open(temporary, 'wx', 0o600)
  try {
    try {
      await handle.writeFile(content)
      await handle.chown(uid, gid).catch(() => {})
      await handle.chmod(mode & 0o777)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (Buffer.compare(await readFile(file), before) !== 0)
      throw new CommandError(
        exitCodes.temporary,
        `${path} has changed meanwhile. End the program that writes it, and try again.`,
      )
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  const directory = await open(dirname(file), 'r').catch(() => undefined)
  await directory?.sync().catch(() => {})
  await directory?.close()
}
