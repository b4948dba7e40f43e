import { type Renames, renamed, renamesOf } from './spelling.ts'

/** A place in a document that holds the tokens of one login. */
export interface Found {
  /** JSON pointer (RFC 6901); empty for the whole document. */
  pointer: string
  /** What is called otherwise there. */
  renames: Renames
  /** Under our names. */
  fields: Record<string, unknown>
}

/** Programs nest deep, but not without end. */
const deepest = 8

/** Every credential in a document. @param given Names that the user has told: ours by theirs. */
export function findCredentials(document: unknown, given: Renames = {}): Found[] {
  const found: Found[] = []
  visit(document, '', 0)
  return found

  function visit(value: unknown, pointer: string, depth: number): void {
    if (typeof value !== 'object' || value === null || depth > deepest) return
    const here = Array.isArray(value) ? undefined : credentialAt(value, pointer, given)
    if (here !== undefined) return void found.push(here)
    for (const [name, inner] of Object.entries(value)) visit(inner, `${pointer}/${escaped(name)}`, depth + 1)
  }
}

function credentialAt(value: object, pointer: string, given: Renames): Found | undefined {
  const object: Record<string, unknown> = { ...value }
  const renames = renamesOf(object, given)
  const fields = renamed(object, renames)
  const holds = (name: string): boolean => typeof fields[name] === 'string' && fields[name] !== ''
  return holds('access_token') || holds('refresh_token') || isOurs(fields) ? { pointer, renames, fields } : undefined
}

/** What stays behind after a sign-out is a credential's place, too. */
function isOurs({ tokenflight }: Record<string, unknown>): boolean {
  return typeof tokenflight === 'object' && tokenflight !== null && 'revision' in tokenflight && 'file' in tokenflight
}

/** The key that its participants use; undefined where no program of ours has written yet. */
export function keyOf({ fields: { tokenflight } }: Found): string | undefined {
  if (typeof tokenflight !== 'object' || tokenflight === null || !('file' in tokenflight)) return undefined
  const { file } = tokenflight
  return typeof file === 'object' && file !== null && 'key' in file && typeof file.key === 'string'
    ? file.key
    : undefined
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
