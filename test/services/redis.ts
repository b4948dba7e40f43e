import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.ts'

const programs = { server: 'redis-server', cli: 'redis-cli' }

/** Whether there is a `redis-server` to start. Where CI says that there has to be one, its absence is no reason to skip anything. */
export const hasRedis: boolean =
  process.env['CI'] === 'true' || spawnSync(programs.server, ['--version']).error === undefined

/** A Redis of a test's own. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  readonly pid: number
  /** Resolves when it accepts connections; with the same port, the same directory and so the data that was written there. */
  start(): Promise<void>
  /** SIGKILL: nothing is saved, nobody is told. */
  kill(): Promise<void>
  /** Stands still, or goes on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Kills it and removes its directory. */
  close(): Promise<void>
}

export interface RedisServerOptions {
  /** As on its command line, e.g. `['--appendonly', 'yes']`. Default: nothing is ever written to the disk. */
  args?: readonly string[]
  /** Its own directory is made in there. Default: the system's for temporary files. */
  directory?: string
  /** It is a Sentinel that watches the primary on this port, and finds it dead after half a second. */
  watches?: number
}

/** What a Sentinel calls its primary. */
export const sentinelName = 'mymaster'

/** Starts the system's `redis-server` on a free port of 127.0.0.1, in a directory that is its own. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { args = [], watches } = options
  const directory = await mkdtemp(path.join(options.directory ?? tmpdir(), 'tokenflight-redis-'))
  const port = await freePort()
  const configuration = path.join(directory, 'redis.conf')
  const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`]
  // A replica gets its data at once, not after waiting for others.
  if (watches === undefined) lines.push('save ""', 'repl-diskless-sync-delay 0')
  else
    lines.push(
      `sentinel monitor ${sentinelName} 127.0.0.1 ${watches} 1`,
      `sentinel down-after-milliseconds ${sentinelName} 500`,
      `sentinel failover-timeout ${sentinelName} 5000`,
    )
  await writeFile(configuration, lines.join('\n'))
  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const mode = watches === undefined ? [] : ['--sentinel']
    const started = spawn(programs.server, [configuration, ...mode, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    child = started
    await new Promise<void>((resolve, reject) => {
      const lines: string[] = []
      started.once('error', (cause) => reject(new Error('redis-server could not be started.', { cause })))
      started.once('close', () => reject(new Error(`redis-server ended:\n${lines.join('\n')}`)))
      createInterface({ input: started.stdout }).on('line', (line) => {
        lines.push(line)
        // A sentinel says the second.
        if (/Ready to accept connections|\+monitor master/.test(line)) resolve()
      })
    })
  }

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }

  try {
    await start()
  } catch (error) {
    await rm(directory, { recursive: true })
    throw error
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child?.pid ?? -1
    },
    start,
    kill,
    signal: (name) => void child?.kill(name),
    async close() {
      await kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Where a test finds some Redis that it neither stops nor configures: TEST_REDIS_URL, or one of its own. */
export async function openRedis(): Promise<{ url: string; close(): Promise<void> }> {
  const url = process.env['TEST_REDIS_URL']
  return url === undefined ? await startRedis() : { url, close: async () => {} }
}

/** Three primaries that share the slots of a Redis Cluster. */
export async function startCluster(): Promise<{ servers: readonly RedisServer[]; close(): Promise<void> }> {
  const options = { args: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'] }
  const servers = await Promise.all([startRedis(options), startRedis(options), startRedis(options)])
  const close = async (): Promise<void> => void (await Promise.all(servers.map((server) => server.close())))
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`)
  try {
    await runCli('--cluster', 'create', ...addresses, '--cluster-yes')
    // "Joined" is what one node says; all have to have heard of each other.
    for (const { port } of servers)
      while (!(await runCli('-p', String(port), 'cluster', 'info')).includes('cluster_state:ok'));
  } catch (error) {
    await close()
    throw error
  }
  return { servers, close }
}

async function runCli(...args: string[]): Promise<string> {
  const child = spawn(programs.cli, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`redis-cli ${args.join(' ')} failed:\n${output}`)
  return output
}
