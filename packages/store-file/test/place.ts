import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RefreshClaim, TokenRecord, TokenSet, TokenStore } from '@tokenflight/core'
import { onTestFinished } from 'vitest'

/** A directory of this test's own, gone when it ends. */
export function temporaryDirectory(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'tokenflight-store-file-')))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Where a credential file would be, in a directory of its own. */
export const inPlace = (): string => join(temporaryDirectory(), 'credentials.json')

export function json(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8'))
}

export function put(path: string, content: unknown): string {
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** Everything beside the credential file that this store has made. */
export const leftovers = (directory: string): string[] =>
  readdirSync(directory).filter((name) => name.includes('.lock.'))

export const tokens = (name: string, more: Partial<TokenSet> = {}): TokenSet => ({
  accessToken: `access-${name}`,
  tokenType: 'Bearer',
  refreshToken: `refresh-${name}`,
  obtainedAt: 1_763_996_523_455,
  expiresAt: 1_764_000_123_456,
  ...more,
})

export const record = (name: string, more: Partial<TokenRecord> = {}): TokenRecord => ({
  tokens: tokens(name),
  revision: 1,
  generation: 1,
  ...more,
})

/** A claim of this very process if `store` is given, else of one that nobody knows. */
export function claim(id: string, store?: TokenStore): RefreshClaim {
  const holder = store?.holder?.() ?? { host: 'elsewhere' }
  return { id, holder, claimedAt: 1, presentation: 1, since: 1 }
}

/** A write that must succeed; gives the version. */
export async function set(store: TokenStore, next: TokenRecord | undefined, key = 'default'): Promise<string> {
  const { version } = await store.read(key)
  const result = await store.compareAndSet(key, version, next)
  if (!result.ok) throw new Error('The write was refused.')
  return result.version
}

export const accessTokenIn = async (store: TokenStore, key = 'default'): Promise<string | undefined> =>
  (await store.read(key)).record?.tokens?.accessToken

export const systemError = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code })

export const isRoot = process.getuid?.() === 0

export function shell(command: string, ...given: string[]): void {
  execFileSync('sh', ['-c', command, 'sh', ...given], { stdio: 'ignore' })
}
