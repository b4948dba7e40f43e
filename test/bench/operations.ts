import { mkdtemp, open, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TokenRecord, TokenStore } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { migration, postgresStore } from '@tokenflight/store-postgres'
import { redisStore } from '@tokenflight/store-redis'
import { startPostgres } from '../services/postgres.ts'
import { openClient } from '../services/postgres-clients.ts'
import { hasRedis, openRedis } from '../services/redis.ts'
import { openRedisClient } from '../services/redis-clients.ts'
import { count, type Effort } from './effort.ts'
import { createRow, type Row } from './row.ts'

const perBatch = 20

/** A store, and the same two things done bare with what it is made of. */
interface Subject {
  kind: string
  store: TokenStore
  readBare(): Promise<unknown>
  writeBare(): Promise<unknown>
  /** What they are. */
  bare: { read: string; write: string }
  close(): Promise<unknown>
}

/** Each store's operations against its engine's own. */
export async function measureOperations(effort: Effort, only: string): Promise<Row[]> {
  const rows: Row[] = []
  for (const [kind, open] of Object.entries({ file: openFile, redis: openRedisSubject, postgres: openPostgres })) {
    const id = `store.${kind}`
    if (!id.startsWith(only) && !only.startsWith(id)) continue
    const subject = await open()
    if (subject === undefined) continue
    try {
      rows.push(...(await measureSubject(subject, effort)))
    } finally {
      await subject.close()
    }
  }
  return rows
}

async function measureSubject({ kind, store, readBare, writeBare, bare }: Subject, effort: Effort): Promise<Row[]> {
  let { version } = await store.read('default')
  let revision = 0
  async function write(): Promise<void> {
    const set = await store.compareAndSet('default', version, recordOf(++revision))
    if (!set.ok) throw new Error('somebody else writes here')
    version = set.version
  }
  await write()
  await writeBare()
  const operations = [() => store.read('default'), readBare, write, writeBare] as const
  const times = operations.map((): number[] => [])
  for (const operation of operations) await timeBatch(operation)
  for (const _ of count(effort.operations))
    for (const [n, operation] of operations.entries()) times[n]?.push(await timeBatch(operation))
  const [read = [], bareRead = [], wrote = [], bareWrite = []] = times
  const id = `store.${kind}`
  return [
    createRow({ id: `${id}.read`, what: 'read()', unit: 'ms' }, read, { ratioTo: bare.read, base: bareRead }),
    createRow({ id: `${id}.compareAndSet`, what: 'compareAndSet()', unit: 'ms' }, wrote, {
      ratioTo: bare.write,
      base: bareWrite,
    }),
  ]
}

async function openFile(): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenflight-bench-'))
  const bareFile = join(folder, 'bare.json')
  const store = fileStore(join(folder, 'credential.json'))
  return {
    kind: 'file',
    store,
    readBare: async () => JSON.parse(await readFile(bareFile, 'utf8')),
    writeBare: () => replaceDurably(folder, bareFile, JSON.stringify(recordOf(0))),
    bare: { read: 'readFile and JSON.parse', write: 'write, fsync, rename, fsync of the directory' },
    async close() {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function openRedisSubject(): Promise<Subject | undefined> {
  if (!hasRedis) return undefined
  const redis = await openRedis()
  const { client, command, close } = await openRedisClient('redis', { url: redis.url })
  const store = redisStore(client, { hints: false })
  return {
    kind: 'redis',
    store,
    readBare: async () => JSON.parse(String(await command('GET', 'bare'))),
    writeBare: () => command('SET', 'bare', JSON.stringify(recordOf(0))),
    bare: { read: 'GET and JSON.parse', write: 'SET' },
    async close() {
      await store.close()
      close()
      await redis.close()
    },
  }
}

async function openPostgres(): Promise<Subject | undefined> {
  const server = await startPostgres({ fsync: 'on' })
  if (!server.available) return undefined
  const { client, query, end } = openClient('pg', server.url, 1)
  const table = `bench_${process.pid}`
  await query(migration({ table }))
  await query(`CREATE TABLE ${table}_bare (key text PRIMARY KEY, record text)`)
  await query(`INSERT INTO ${table}_bare VALUES ('default', '{}')`)
  const store = postgresStore(client, { table })
  return {
    kind: 'postgres',
    store,
    readBare: async () => {
      const [row] = await query(`SELECT record FROM ${table}_bare WHERE key = 'default'`)
      return JSON.parse(String(row?.['record']))
    },
    writeBare: () => query(`UPDATE ${table}_bare SET record = '${JSON.stringify(recordOf(0))}' WHERE key = 'default'`),
    bare: { read: 'SELECT and JSON.parse', write: 'UPDATE' },
    async close() {
      await store.close()
      await query(`DROP TABLE ${table}, ${table}_bare`)
      await end()
      await server.dispose()
    },
  }
}

/** About as large as a record with two JSON Web Tokens in it. */
function recordOf(revision: number): TokenRecord {
  const accessToken = `${revision}.`.padEnd(1_200, 'a')
  const refreshToken = `${revision}.`.padEnd(800, 'r')
  return { tokens: { accessToken, refreshToken, tokenType: 'Bearer', obtainedAt: 0 }, revision, generation: revision }
}

async function replaceDurably(folder: string, file: string, text: string): Promise<void> {
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
