import { parseArgs } from 'node:util'
import { type WayName, wayNames } from './way-names.ts'

export const storeNames = ['file', 'redis', 'postgres'] as const
export type StoreName = (typeof storeNames)[number]
const serverNames = ['simulator', 'oidc'] as const

export interface ChaosOptions {
  store: StoreName
  server: (typeof serverNames)[number]
  way: WayName
  seconds: number
  seed: number
  processes: number
  threads: number
  callers: number
  graceMs: number
  json: boolean
  help: boolean
  /** Where the history is kept; otherwise it goes with a run in which every promise was. */
  history?: string
}

export const usage = `Usage: npm run chaos -- [options]

Processes share one credential at a strict authorization server while they are killed and stopped, their clocks are set, connections
break, the token endpoint fails, disks are sick and servers end; then the history of the run is checked. Exit code 0: every promise was
kept.

  --store <name>        where the credential is kept: file, redis or postgres (default file)
  --server <name>       who issues the tokens: simulator, or oidc: oidc-provider (default simulator)
  --seconds <n>         how long there is trouble (default 30)
  --seed <n>            decides about everything that is left to chance (default: drawn, and printed)
  --processes <n>       processes that share the credential, 2 to 32 (default 6)
  --threads <n>         worker threads in each, 1 to 8 (default 1)
  --callers <n>         callers in each thread, 1 to 100 (default 4)
  --grace <ms>          how long the server answers a spent refresh token again (default 0)
  --way <name>          tokenflight, or another, to see the harness catch it: naive (the popular recipe), refresh-guard,
                        @badgateway/oauth2-client (default tokenflight)
  --history <path>      keep the history there, one JSON line for each thing that happened; it holds no token.
                        Where a promise was broken it is kept anyway, among the temporary files
  --json                one JSON object on stdout
  --help                this text
`

/** What a user got wrong; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export function readOptions(args: readonly string[], drawSeed: () => number): ChaosOptions {
  const values = parse(args)
  const { history } = values
  const store = choice('--store', values.store, storeNames)
  const server = choice('--server', values.server, serverNames)
  const way = choice('--way', values.way, wayNames)
  const graceMs = number('--grace', values.grace, 0, 0, 3_600_000)
  if (way !== 'tokenflight' && (store !== 'file' || server !== 'simulator'))
    throw new UsageError(`--way ${way}: shares a file, at the simulator. Leave --store and --server out.`)
  if (server === 'oidc' && graceMs > 0) throw new UsageError('--grace: oidc-provider has none. Leave it out.')
  if (history === '') throw new UsageError('--history: name a file.')
  return {
    store,
    server,
    way,
    seconds: number('--seconds', values.seconds, 30, 1, 24 * 3600),
    seed: values.seed === undefined ? drawSeed() : number('--seed', values.seed, 0, 0, 2 ** 32 - 1),
    processes: number('--processes', values.processes, 6, 2, 32),
    threads: number('--threads', values.threads, 1, 1, 8),
    callers: number('--callers', values.callers, 4, 1, 100),
    graceMs,
    json: values.json === true,
    help: values.help === true,
    ...(history === undefined ? {} : { history }),
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...args],
      options: {
        store: text,
        server: text,
        way: text,
        seconds: text,
        seed: text,
        processes: text,
        threads: text,
        callers: text,
        grace: text,
        history: text,
        json: flag,
        help: flag,
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function choice<T extends string>(name: string, text: string | undefined, names: readonly [T, ...T[]]): T {
  const found = names.find((known) => known === (text ?? names[0]))
  if (found !== undefined) return found
  throw new UsageError(`${name} ${text}: must be one of ${names.join(', ')}.`)
}

function number(name: string, text: string | undefined, otherwise: number, least: number, most: number): number {
  if (text === undefined) return otherwise
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new UsageError(`${name} ${text}: must be a whole number from ${least} to ${most}.`)
}
