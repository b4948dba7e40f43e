import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { TokenRecord, TokenSet } from '@tokenflight/core'
import { type FileStore, fileStore } from '@tokenflight/store-file'
import type { Command } from 'commander'
import { type Found, keyOf } from '../credential/find.ts'
import { CommandError, exitCodes } from '../failure.ts'
import { withHome } from '../settings/config-file.ts'
import { missing } from '../settings/missing.ts'
import { resolveSettings } from '../settings/resolve.ts'
import type { ImportOptions } from './command.ts'
import { replaceFile, withNames } from './rewrite.ts'
import { onlyCredential, readSource, type Source } from './source.ts'
import { describeFound } from './words.ts'

/** @throws CommandError, TokenError */
export async function importCredential(command: Command, given: string, options: ImportOptions): Promise<void> {
  const { values } = await resolveSettings(command)
  const path = given === '-' ? given : resolve(withHome(given))
  const target = targetOf(path, options, values.file)
  const source = await readSource(path)
  // A pointer of the settings is about the file of the settings.
  const pointer = path === '-' ? undefined : values.pointer
  const found = onlyCredential(source, pointer, options.name ?? {})
  const tokens = await readTokens(found, source)
  const say = (text: string): void => void process.stdout.write(`${text}\n`)
  say(describeFound(source, found, tokens))
  const key = values.key ?? keyOf(found) ?? 'default'
  if (target === path) await takeOver(path, source, found, key, options, say)
  else await copy(target, path, tokens, key, options, say)
}

function targetOf(source: string, { to }: ImportOptions, configured: string | undefined): string {
  if (to !== undefined) return resolve(withHome(to))
  if (source !== '-') return source
  if (configured === undefined) throw missing('file', ' or --to')
  return configured
}

/** What a token set says by itself. */
const tokenFields = new Set([
  'access_token',
  'refresh_token',
  'token_type',
  'scope',
  'expires_in',
  'obtained_at',
  'expires_at',
  'expiry',
  'expiry_date',
  'expires_on',
])

type Say = (text: string) => void

/** In place: the names first, then our bookkeeping, so that at every moment the file holds the whole credential. */
async function takeOver(path: string, source: Source, found: Found, key: string, { dryRun }: ImportOptions, say: Say) {
  const { pointer, renames } = found
  const names = Object.entries(renames).map(([theirs, ours]) => `${theirs} as ${ours}`)
  if (names.length === 0 && keyOf(found) !== undefined) return say('It is shared already: there is nothing to do.')
  if (names.length > 0) say(`Written anew: ${names.join(', ')}. A program that reads the former names has to be told.`)
  if (dryRun) return say('Nothing was changed (--dry-run).')
  if (names.length > 0) await replaceFile(path, source.bytes, withNames(source, pointer, renames))
  await withStore(path, pointer, async (store) => {
    const { record, version } = await store.read(key)
    // Somebody has adopted it meanwhile: as good.
    if (record !== undefined) await store.compareAndSet(key, version, { ...record, revision: record.revision + 1 })
  })
  say(`${path} is shared from now on${key === 'default' ? '' : `, under the key ${JSON.stringify(key)}`}.`)
}

/** Into a file of its own, as a sign-in. */
async function copy(target: string, source: string, tokens: TokenSet, key: string, options: ImportOptions, say: Say) {
  await withStore(target, '', async (store) => {
    const { record, version } = await store.read(key)
    if (record !== undefined && !options.force)
      throw new CommandError(
        exitCodes.failed,
        `${target} holds a credential already. Replace it with --force, or name another file.`,
      )
    if (options.dryRun) return say('Nothing was changed (--dry-run).')
    const next: TokenRecord = {
      tokens,
      revision: (record?.revision ?? 0) + 1,
      generation: (record?.generation ?? 0) + 1,
    }
    if (!(await store.compareAndSet(key, version, next)).ok)
      throw new CommandError(exitCodes.temporary, `${target} has changed meanwhile. Try again.`)
    say(`${target} holds it now, to be shared.`)
    if (source !== '-' && tokens.refreshToken !== undefined)
      say(
        `${source} still holds the same refresh token: the first to redeem it ends it for the other. Let the program that uses it read ${target}, or sign in there anew.`,
      )
  })
}

/** The store knows every notation of an expiry; it is asked in private. */
async function readTokens({ fields }: Found, { writtenAt }: Source): Promise<TokenSet> {
  const directory = await mkdtemp(join(tmpdir(), 'tokenflight-import-'))
  try {
    const file = join(directory, 'credential.json')
    const { tokenflight: _, ...plain } = fields
    await writeFile(file, JSON.stringify(plain), { mode: 0o600 })
    await utimes(file, writtenAt / 1000, writtenAt / 1000)
    return await withStore(file, '', async (store) => {
      const { record } = await store.read('default')
      if (record?.tokens === undefined)
        throw new CommandError(exitCodes.failed, 'There are no tokens left in it: it was signed out.')
      const beside = Object.entries(plain).filter(([name]) => !tokenFields.has(name))
      return {
        ...record.tokens,
        ...(beside.length > 0 && { extra: { ...record.tokens.extra, ...Object.fromEntries(beside) } }),
      }
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function withStore<T>(path: string, pointer: string, use: (store: FileStore) => Promise<T>): Promise<T> {
  const store = fileStore(path, { pointer })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}
