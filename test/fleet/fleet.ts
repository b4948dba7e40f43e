import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createTokenManagers, type TokenRecord } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  startAuthorizationServer,
} from '@tokenflight/testing'
import { startProgram } from '../processes/program.ts'
import { type Engine, openStore } from './engine.ts'
import type { MemberOrder, MemberReport, MemberSetup } from './member.ts'

const module = new URL('member.ts', import.meta.url)

/** Callers of the one credential: a worker thread of this process, or another process with threads. */
export interface Member {
  /** The next so many reports of this kind; those of before count once. */
  hear<Type extends MemberReport['type']>(type: Type, count?: number): Promise<Extract<MemberReport, { type: Type }>[]>
  call(callers: number, rejected?: string): void
  /** Lets it go on from where it stands still. */
  go(): void
  /** In the middle of whatever it does. */
  terminate(): Promise<void>
  /** Ends by itself when it is told that no more is wanted; the exit code. */
  end(): Promise<number | null>
}

export interface MemberProcess extends Member {
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
}

/** One key of a strict authorization server's, stored with an access token that has expired. */
export interface Fleet {
  readonly server: AuthorizationServer
  stored(): Promise<TokenRecord | undefined>
  /** How often the first refresh token was presented. */
  presentations(): number
  startThread(setup?: Partial<MemberSetup>): Promise<Member>
  startProcess(threads: number, setup?: Partial<MemberSetup>): Promise<MemberProcess>
  close(): Promise<void>
}

const key = 'user-1'

export async function openFleet(engine: Engine, options: AuthorizationServerOptions = {}): Promise<Fleet> {
  const server = await startAuthorizationServer(options)
  const { tokenEndpoint } = server
  const own = await openStore(engine, false)
  const first = await server.signIn({ expired: true, expiresIn: 0.001 })
  const login = createTokenManagers({ store: own.store, grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }) })
  await login.for(key).setTokens(first)
  await login.close()
  const stops: (() => Promise<unknown>)[] = []

  return {
    server,
    stored: async () => (await own.store.read(key)).record,
    presentations: () => server.presentations(first.refresh_token ?? '').length,
    async startThread(setup) {
      const workerData: MemberSetup = { engine, key, tokenEndpoint, ...setup }
      const worker = new Worker(module, { workerData, execArgv: ['--conditions=@tokenflight/source'], env: {} })
      const exited = once(worker, 'exit').then(([code]) => Number(code))
      stops.push(() => worker.terminate())
      const send = (order: MemberOrder) => worker.postMessage(order)
      const listen = (listener: (report: MemberReport) => void) => worker.on('message', listener)
      const member = memberOf(send, listen, exited, () => worker.terminate())
      await member.hear('ready')
      return member
    },
    async startProcess(threads, setup) {
      const all: MemberSetup = { engine, key, tokenEndpoint, threads, ...setup }
      const program = startProgram<MemberOrder, MemberReport>({ module, args: [JSON.stringify(all)] })
      stops.push(() => {
        program.signal('SIGCONT')
        return program.kill()
      })
      const exited = program.ended.then(({ code }) => {
        if (code !== 0 && code !== null) process.stderr.write(program.stderr)
        return code
      })
      const member = memberOf(program.send, program.onReport, exited, () => program.kill())
      await member.hear('ready', threads)
      return { ...member, signal: program.signal }
    },
    async close() {
      await Promise.all(stops.map((stop) => stop()))
      await own.store.close?.()
      await own.close()
      await server.close()
    },
  }
}

function memberOf(
  send: (order: MemberOrder) => void,
  listen: (listener: (report: MemberReport) => void) => unknown,
  exited: Promise<number | null>,
  stop: () => Promise<unknown>,
): Member {
  const unheard: MemberReport[] = []
  const looks = new Set<() => void>()
  listen((report) => {
    unheard.push(report)
    for (const look of [...looks]) look()
  })
  return {
    hear<Type extends MemberReport['type']>(type: Type, count = 1) {
      const heard = new Promise<Extract<MemberReport, { type: Type }>[]>((resolve, reject) => {
        const isWanted = (report: MemberReport): report is Extract<MemberReport, { type: Type }> => report.type === type
        const look = (): void => {
          const found = unheard.filter(isWanted).slice(0, count)
          if (found.length < count) return
          for (const report of found) unheard.splice(unheard.indexOf(report), 1)
          looks.delete(look)
          resolve(found)
        }
        looks.add(look)
        look()
        void exited.then((code) => reject(new Error(`a member ended (${code}) without "${type}"`)))
      })
      heard.catch(() => {})
      return heard
    },
    call: (callers, rejected) => send({ type: 'call', callers, ...(rejected !== undefined && { rejected }) }),
    go: () => send({ type: 'go' }),
    async terminate() {
      await stop()
    },
    end() {
      send({ type: 'end' })
      return exited
    },
  }
}

/** What one expiry came to, for all. */
export interface Expiry {
  outcomes: string[]
  redemptions: number
  /** From "the new tokens are kept" to "the last waiter has them", in milliseconds. */
  delayMs: number
}

/** All of them find the token refused; nobody gets an answer before everybody has asked. */
export async function expire(
  { server }: Pick<Fleet, 'server'>,
  members: readonly Member[],
  { threads, callers, rejected }: { threads: number; callers: number; rejected?: string | undefined },
): Promise<Expiry> {
  const before = server.tokenRequests
  const held = server.hold('before')
  for (const member of members) member.call(callers, rejected)
  await held.arrived
  await Promise.all(members.map((member) => member.hear('asked', threads)))
  held.release()
  const answers = (await Promise.all(members.map((member) => member.hear('answered', threads)))).flat()
  const keptAt = Math.min(...answers.map(({ keptAt = Number.POSITIVE_INFINITY }) => keptAt))
  return {
    outcomes: answers.flatMap(({ outcomes }) => outcomes),
    redemptions: server.tokenRequests - before,
    delayMs: Math.max(...answers.map(({ at }) => at)) - keptAt,
  }
}
