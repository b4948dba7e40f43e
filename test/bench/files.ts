import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TokenRecord } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { count, type Effort } from './effort.ts'
import { createRow, type Row } from './row.ts'

const perBatch = 20

/** The credential file against the same system calls made bare. */
export async function measureFiles(effort: Effort): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenflight-bench-'))
  const file = join(folder, 'credential.json')
  const bareFile = join(folder, 'bare.json')
  const store = fileStore(file)
  try {
    let { version } = await store.read('default')
    let revision = 0
    async function write(): Promise<void> {
      const set = await store.compareAndSet('default', version, recordOf(++revision))
      if (!set.ok) throw new Error('somebody else writes here')
      version = set.version
    }
    await write()
    const text = await readFile(file)
    const operations = {
      read: () => store.read('default'),
      readBare: async () => JSON.parse(await readFile(file, 'utf8')),
      write,
      writeBare: () => replaceDurably(folder, bareFile, text),
    }
    await operations.writeBare()
    const times = { read: [], readBare: [], write: [], writeBare: [] } as Record<keyof typeof operations, number[]>
    const names = ['read', 'readBare', 'write', 'writeBare'] as const
    for (const name of names) await timeBatch(operations[name])
    for (const _ of count(effort.files)) {
      for (const name of names) times[name].push(await timeBatch(operations[name]))
    }
    return [
      createRow({ id: 'store.file.read', what: 'read()', unit: 'ms' }, times.read, {
        ratioTo: 'readFile and JSON.parse',
        base: times.readBare,
      }),
      createRow({ id: 'store.file.compareAndSet', what: 'compareAndSet()', unit: 'ms' }, times.write, {
        ratioTo: 'write, fsync, rename, fsync of the directory',
        base: times.writeBare,
      }),
    ]
  } finally {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** About as large as a record with two JSON Web Tokens in it. */
function recordOf(revision: number): TokenRecord {
  const accessToken = `${revision}.`.padEnd(1_200, 'a')
  const refreshToken = `${revision}.`.padEnd(800, 'r')
  return { tokens: { accessToken, refreshToken, tokenType: 'Bearer', obtainedAt: 0 }, revision, generation: revision }
}

async function replaceDurably(folder: string, file: string, text: Uint8Array): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600)
  await handle.writeFile(text)
  await handle.sync()
  await handle.close()
  await rename(`${file}.new`, file)
  const directory = await open(folder, 'r')
  await directory.sync()
  await directory.close()
}

async function timeBatch(operation: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  for (let n = 0; n < perBatch; n++) await operation()
  return (performance.now() - began) / perBatch
}
