import { createTokenManager, type TokenEvent, type TokenRecord } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { redisStore } from '@tokenflight/store-redis'
import { type AuthorizationServer, startAuthorizationServer } from '@tokenflight/testing'
import { expect } from 'vitest'
import { startRedis } from '../services/redis.ts'
import { openRedisClient } from '../services/redis-clients.ts'
import type { OnTestFinished } from './crew.ts'
import type { Outcome } from './messages.ts'
import { type End, type Program, startProgram } from './program.ts'
import type { RedisOrder, RedisReport, RedisSetup } from './redis-messages.ts'

export interface RedisMember {
  /** @param rejected What the API refused. */
  call(callers: number, rejected?: string): Promise<Outcome[]>
  heard(is: (event: TokenEvent) => boolean, count?: number): Promise<void>
  /** It stands still there now. */
  reached(): Promise<void>
  readonly events: TokenEvent[]
  /** Lets it go on from where it stands still. */
  go(): void
  kill(): Promise<End>
  stop(): void
  continue(): void
}

export interface RedisScene {
  readonly server: AuthorizationServer
  stored(): Promise<TokenRecord | undefined>
  start(setup?: Partial<RedisSetup>): Promise<RedisMember>
  /** How often the first refresh token was presented. */
  presentations(): number
  isAlive(): boolean
}

/** A strict authorization server, and a Redis with a sign-in whose access token has expired. Every process has to end by itself. */
export async function openRedisScene(
  onTestFinished: OnTestFinished,
  { kind = 'redis', grace = 0 }: { kind?: string; grace?: number } = {},
): Promise<RedisScene> {
  const redis = await startRedis()
  const server = await startAuthorizationServer({ grace })
  const { tokenEndpoint } = server
  const { client, close } = await openRedisClient('redis', redis)
  const store = redisStore(client)
  const first = await server.signIn({ expired: true, expiresIn: 0.001 })
  const signingIn = createTokenManager({ store, grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }) })
  await signingIn.setTokens(first)
  await signingIn.close()
  const programs: Program<RedisOrder, RedisReport>[] = []
  const killed = new Set<Program<RedisOrder, RedisReport>>()

  onTestFinished(async () => {
    const late = setTimeout(() => {
      for (const program of programs) program.signal('SIGKILL')
    }, 10_000)
    try {
      for (const program of programs) program.send({ type: 'end' })
      for (const program of programs) {
        const end = await program.ended
        if (!killed.has(program))
          expect(end, `a process ended; it wrote: ${program.stderr}`).toEqual({ code: 0, signal: null })
      }
    } finally {
      clearTimeout(late)
      await store.close()
      close()
      await server.close()
      await redis.close()
    }
  })

  const refreshToken = first.refresh_token ?? ''
  return {
    server,
    stored: async () => (await store.read('default')).record,
    async start(setup = {}) {
      const all: RedisSetup = { kind, url: redis.url, tokenEndpoint, clientId: 'app', grace, policy: {}, ...setup }
      const program = startProgram<RedisOrder, RedisReport>({
        module: new URL('redis-caller.ts', import.meta.url),
        args: [JSON.stringify(all)],
      })
      programs.push(program)
      const member = memberOf(program, setup.threads ?? 1, () => killed.add(program))
      await member.ready
      return member
    },
    presentations: () => server.presentations(refreshToken).length,
    isAlive: () => server.isAlive(server.grantOf(refreshToken) ?? ''),
  }
}

function memberOf(program: Program<RedisOrder, RedisReport>, threads: number, onKill: () => void) {
  const reports: RedisReport[] = []
  const waiting = new Set<() => void>()
  program.onReport((report) => {
    reports.push(report)
    for (const look of [...waiting]) look()
  })
  /** The first so many reports for which this holds. */
  function find(what: string, count: number, is: (report: RedisReport) => boolean): Promise<RedisReport[]> {
    const search = new Promise<RedisReport[]>((resolve, reject) => {
      const look = (): void => {
        const found = reports.filter(is)
        if (found.length < count) return
        waiting.delete(look)
        resolve(found.slice(0, count))
      }
      waiting.add(look)
      look()
      void program.ended.then(() => reject(new Error(`a process ended without ${what}:\n${program.stderr}`)))
    })
    // Tests kill processes whose answer nobody awaits any more.
    search.catch(() => {})
    return search
  }

  let calls = 0
  return {
    ready: find('being ready', threads, ({ type }) => type === 'ready'),
    call(callers: number, rejected?: string) {
      const id = ++calls
      program.send({ type: 'call', id, callers, ...(rejected === undefined ? {} : { rejected }) })
      const answers = find('an answer', threads, (report) => report.type === 'answered' && report.id === id)
      const outcomes = answers.then((found) => found.flatMap((report) => ('outcomes' in report ? report.outcomes : [])))
      outcomes.catch(() => {})
      return outcomes
    },
    async heard(is: (event: TokenEvent) => boolean, count = 1) {
      await find('an event', count, (report) => report.type === 'event' && is(report.event))
    },
    async reached() {
      await find('standing still', 1, ({ type }) => type === 'reached')
    },
    get events() {
      return reports.flatMap((report) => (report.type === 'event' ? [report.event] : []))
    },
    go: () => program.send({ type: 'go' }),
    kill() {
      onKill()
      return program.kill()
    },
    stop: () => program.signal('SIGSTOP'),
    continue: () => program.signal('SIGCONT'),
  }
}
