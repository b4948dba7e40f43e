import { createTokenManager, type TokenEvent, type TokenRecord, type TokenStore } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { postgresStore } from '@tokenflight/store-postgres'
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  startAuthorizationServer,
} from '@tokenflight/testing'
import { expect } from 'vitest'
import { createTable } from '../services/postgres.ts'
import { type ClientKind, openClient } from '../services/postgres-clients.ts'
import type { OnTestFinished } from './crew.ts'
import type { PostgresOrder, PostgresReport, PostgresSetup } from './postgres-caller.ts'
import { type End, startProgram } from './program.ts'

/** One process that calls. */
export interface PostgresMember {
  readonly pid: number
  readonly events: TokenEvent[]
  call(callers?: number, rejected?: string): Promise<string[]>
  /** So many events of this kind have happened. */
  heard(type: TokenEvent['type'], generation?: number, count?: number): Promise<void>
  reached(): Promise<void>
  go(): void
  kill(): Promise<End>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
}

/** A strict authorization server, and a table with a sign-in whose access token has expired. */
export interface PostgresScene {
  readonly server: AuthorizationServer
  readonly table: string
  readonly setup: PostgresSetup
  stored(): Promise<TokenRecord | undefined>
  /** How often the first refresh token was presented. */
  presentations(): number
  start(setup?: Partial<PostgresSetup>): Promise<PostgresMember>
}

export async function openPostgresScene(
  onTestFinished: OnTestFinished,
  kind: ClientKind,
  url: string,
  options: AuthorizationServerOptions = {},
): Promise<PostgresScene> {
  const server = await startAuthorizationServer(options)
  onTestFinished(() => server.close())
  const table = await createTable(url)
  const own = openClient('pg', url, 1)
  onTestFinished(() => own.end())
  const store = postgresStore(own.client, { table })
  const { tokenEndpoint } = server
  const first = await signIn(store, server)
  const setup: PostgresSetup = { kind, url, table, tokenEndpoint }
  return {
    server,
    table,
    setup,
    stored: async () => (await store.read('default')).record,
    presentations: () => server.presentations(first).length,
    async start(given = {}) {
      const all = { ...setup, ...given }
      const program = startProgram<PostgresOrder, PostgresReport>({
        module: new URL('postgres-caller.ts', import.meta.url),
        args: [JSON.stringify(all)],
      })
      const reports: PostgresReport[] = []
      const looks = new Set<() => void>()
      program.onReport((report) => {
        reports.push(report)
        for (const look of [...looks]) look()
      })
      let killed = false
      onTestFinished(async () => {
        program.signal('SIGCONT')
        program.send({ type: 'end' })
        const end = await program.ended
        if (!killed) expect(end, program.stderr).toEqual({ code: 0, signal: null })
        for (const { refreshTokens } of server.state().grants)
          for (const { token } of refreshTokens) expect(program.stderr + program.stdout).not.toContain(token)
      })

      function find(count: number, is: (report: PostgresReport) => boolean): Promise<PostgresReport[]> {
        const search = new Promise<PostgresReport[]>((resolve, reject) => {
          const look = (): void => {
            const found = reports.filter(is)
            if (found.length < count) return
            looks.delete(look)
            resolve(found.slice(0, count))
          }
          looks.add(look)
          look()
          void program.ended.then(() => reject(new Error(`process ${program.pid} ended: ${program.stderr}`)))
        })
        search.catch(() => {})
        return search
      }

      const threads = all.threads ?? 1
      let calls = 0
      await find(threads, ({ type }) => type === 'ready')
      return {
        pid: program.pid,
        get events() {
          return reports.flatMap((report) => (report.type === 'event' ? [report.event] : []))
        },
        async call(callers = 1, rejected) {
          const before = threads * calls++
          program.send({ type: 'call', callers, ...(rejected !== undefined && { rejected }) })
          const answers = await find(before + threads, ({ type }) => type === 'answered')
          return answers.slice(before).flatMap((report) => (report.type === 'answered' ? report.outcomes : []))
        },
        async heard(type, generation, count = 1) {
          await find(
            count,
            (report) =>
              report.type === 'event' &&
              report.event.type === type &&
              (generation === undefined || ('generation' in report.event && report.event.generation === generation)),
          )
        },
        async reached() {
          await find(1, ({ type }) => type === 'reached')
        },
        go: () => program.send({ type: 'go' }),
        kill() {
          killed = true
          return program.kill()
        },
        signal: (name) => program.signal(name),
      }
    },
  }
}

/** Stores a sign-in; returns its refresh token. */
async function signIn(store: TokenStore, server: AuthorizationServer): Promise<string> {
  const tokens = createTokenManager({
    store,
    grant: refreshTokenGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'app' }),
  })
  const response = await server.signIn({ expired: true, expiresIn: 0.001 })
  await tokens.setTokens(response)
  await tokens.close()
  return response.refresh_token ?? ''
}
