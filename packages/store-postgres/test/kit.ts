import { createTokenManager, type TokenManagerOptions, type TokenRecord, type TokenStore } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { type PostgresClient, type PostgresStoreOptions, postgresStore } from '@tokenflight/store-postgres'
import { type AuthorizationServer, startAuthorizationServer } from '@tokenflight/testing'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { type Link, openLink } from '../../../test/services/link.ts'
import { createTable, type PostgresServer } from '../../../test/services/postgres.ts'
import { type ClientKind, type OpenClient, openClient } from '../../../test/services/postgres-clients.ts'

export function recordOf(revision = 1): TokenRecord {
  return {
    tokens: {
      accessToken: `access-token-${revision}`,
      tokenType: 'Bearer',
      refreshToken: `refresh-token-${revision}`,
      obtainedAt: 0,
    },
    revision,
    generation: revision,
  }
}

/** A client that the test ends. */
export function client(kind: ClientKind, url: string, connections?: number): OpenClient {
  const opened = openClient(kind, url, connections)
  onTestFinished(() => opened.end())
  return opened
}

/** A wire to the server, and the URL that goes through it. */
export async function wire(server: PostgresServer): Promise<{ link: Link; url: string }> {
  const link = await openLink({ port: server.port })
  onTestFinished(() => link.close())
  const url = new URL(server.url)
  url.port = String(link.port)
  return { link, url: url.href }
}

/** A store on a new table, or on `table`. */
export async function store(
  kind: ClientKind,
  url: string,
  options: PostgresStoreOptions & { connections?: number } = {},
) {
  const { connections, table = await createTable(url), ...rest } = options
  const opened = client(kind, url, connections)
  const store = postgresStore(opened.client, { table, ...rest })
  onTestFinished(() => store.close())
  return { ...opened, store, table }
}

export async function write(store: TokenStore, record: TokenRecord | undefined, key = 'key'): Promise<string> {
  const set = await store.compareAndSet(key, (await store.read(key)).version, record)
  if (!set.ok) throw new Error('the write was refused')
  return set.version
}

export async function authorizationServer(): Promise<AuthorizationServer> {
  const server = await startAuthorizationServer()
  onTestFinished(() => server.close())
  return server
}

/** A manager of a sign-in that has expired. */
export async function signedIn(
  server: AuthorizationServer,
  store: TokenStore,
  options: Partial<TokenManagerOptions> = {},
) {
  const tokens = createTokenManager({
    store,
    grant: refreshTokenGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'app' }),
    ...options,
  })
  onTestFinished(() => tokens.close())
  const first = await server.signIn({ expired: true, expiresIn: 0.001 })
  await tokens.setTokens(first)
  return { tokens, first }
}

export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )
}

/** A store, and the codes of what went wrong in its statements, whether it told or not. */
export async function storeThatTells(kind: ClientKind, url: string) {
  const codes: string[] = []
  const table = await createTable(url)
  const { client: inner } = client(kind, url, 10)
  const noted = async <T>(work: PromiseLike<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      codes.push((error as { code: string }).code)
      throw error
    }
  }
  const noting: PostgresClient =
    typeof inner === 'function'
      ? Object.assign(() => {}, {
          unsafe: (...given: Parameters<typeof inner.unsafe>) => ({ raw: () => noted(inner.unsafe(...given).raw()) }),
          listen: inner.listen,
        })
      : { query: (query) => noted(inner.query(query)) }
  return { store: postgresStore(noting, { table }), table, codes }
}

/** Lets every update of the table stand still in the middle, until the gate is opened; then it does this. */
export async function slowWrites(url: string, table: string, then = '') {
  const gatekeeper = new pg.Client({ connectionString: url })
  await gatekeeper.connect()
  onTestFinished(() => gatekeeper.end())
  const lock = Math.floor(Math.random() * 2 ** 31)
  await gatekeeper.query(`SELECT pg_advisory_lock(${lock})`)
  await gatekeeper.query(
    `CREATE FUNCTION gate_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN PERFORM pg_advisory_xact_lock_shared(${lock}); ${then} RETURN NEW; END $$;
     CREATE TRIGGER gate AFTER UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION gate_${table}()`,
  )
  return {
    /** The process of the server whose statement stands there. */
    async waiting(): Promise<number> {
      for (;;) {
        const { rows } = await gatekeeper.query(
          `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = ${lock} AND NOT granted`,
        )
        if (rows[0] !== undefined) return rows[0].pid
      }
    },
    async open() {
      await gatekeeper.query(`SELECT pg_advisory_unlock(${lock})`)
    },
  }
}
