import { postgresStore } from '@tokenflight/store-postgres'
import pg from 'pg'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createTable, runSql, startPostgres } from '../../../test/services/postgres.ts'
import { type ClientKind, clientKinds, listenOf, openClient } from '../../../test/services/postgres-clients.ts'
import { authorizationServer, recordOf, signedIn, store, wire, write } from './kit.ts'

const server = await startPostgres()
afterAll(() => server.dispose())
const { url } = server

/** Writes until the count has grown, as hints may be lost. */
async function expectHints(at: Awaited<ReturnType<typeof store>>['store'], hints: () => number): Promise<void> {
  const before = hints()
  for (let revision = 1; hints() === before; revision++) await write(at, recordOf(revision))
}

async function listening(): Promise<number[]> {
  const rows = await runSql(
    url,
    `SELECT pid FROM pg_stat_activity WHERE (query ILIKE 'listen %' OR query = 'SELECT 1') AND application_name = 'listens'`,
  )
  return rows.map(({ pid }) => Number(pid))
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve))
}

function naming(href: string): string {
  const url = new URL(href)
  url.searchParams.set('application_name', 'listens')
  return url.href
}

/** A store that listens through `href`. For postgres it is the client that does it. */
async function listener(kind: ClientKind, href = url, table?: string) {
  const through = naming(href)
  const given = table === undefined ? {} : { table }
  return await store(kind, kind === 'postgres' ? through : url, { ...given, listen: listenOf(kind, through) })
}

describe.skipIf(!server.available).each(clientKinds)('watch, with %s', (kind) => {
  test('one connection listens for any number of keys', async () => {
    const { store: at } = await listener(kind)
    const hints = Array.from({ length: 50 }, () => 0)
    for (const key of hints.keys())
      at.watch?.(`key ${key}`, () => {
        hints[key] = (hints[key] ?? 0) + 1
      })
    await until(() => hints.every((count) => count > 0))
    expect(await listening()).toHaveLength(1)
    const before = [...hints]
    await write(at, recordOf(), 'key 7')
    await until(() => hints[7] !== before[7])
    expect(hints.filter((count, key) => count !== before[key])).toHaveLength(1)
  })

  test('S10 what is told names the key by a hash only, on a channel with a name that is short and plain', async () => {
    const { store: at, table } = await store(kind, url)
    const spy = new pg.Client({ connectionString: url })
    await spy.connect()
    onTestFinished(() => spy.end())
    const told: unknown[] = []
    spy.on('notification', ({ channel, payload }) => told.push({ channel, payload }))
    const notes = await runSql(url, `SELECT encode(sha256('${table}'::bytea), 'hex') AS hash`)
    const channel = `tokenflight_${String(notes[0]?.['hash']).slice(0, 16)}`
    await spy.query(`LISTEN ${channel}`)
    await write(at, recordOf(), 'alice@example.com')
    await write(at, undefined, 'alice@example.com')
    await until(() => told.length === 2)
    expect(told[0]).toEqual({ channel, payload: expect.stringMatching(/^[\w-]{22}$/) })
    expect(told[1]).toEqual(told[0])
    expect(JSON.stringify(told)).not.toMatch(/alice|token-1/)
  })

  test('a store that is told not to notify does not, and one that was refused has nothing to tell', async () => {
    const { store: at, table } = await listener(kind)
    const { store: silent } = await store(kind, url, { table, notify: false })
    let hints = 0
    at.watch?.('silent', () => void hints++)
    at.watch?.('key', () => void hints++)
    await until(() => hints === 2)
    await write(silent, recordOf(), 'silent')
    expect(await at.compareAndSet('silent', 'absent-1', recordOf())).toEqual({ ok: false })
    // Notices arrive in the order of commits: this one would come after those.
    await write(at, recordOf())
    await until(() => hints === 3)
  })

  test('a listening connection that the server ends is made again, and every key that is watched is looked at once', async () => {
    const { store: at } = await listener(kind)
    const hints = { one: 0, two: 0 }
    at.watch?.('one', () => void hints.one++)
    at.watch?.('two', () => void hints.two++)
    await until(() => hints.one === 1 && hints.two === 1)
    const [pid] = await listening()
    await runSql(url, `SELECT pg_terminate_backend(${pid}, 5000)`)
    await until(() => hints.one === 2 && hints.two === 2)
    expect((await listening()).filter((other) => other !== pid)).toHaveLength(1)
  })

  test('a server that is away when watching begins is listened to when it is back', async () => {
    const { link, url: through } = await wire(server)
    const table = await createTable(url)
    const { store: at } = await listener(kind, through, table)
    let hints = 0
    const mend = link.cut()
    at.watch?.('key', () => void hints++)
    await until(() => link.refused >= 2)
    mend()
    const { store: other } = await store(kind, url, { table })
    await expectHints(other, () => hints)
  })

  test('S8 with the listening connection lost and never back, waiting callers poll', async () => {
    const { link, url: through } = await wire(server)
    const table = await createTable(url)
    const { store: first } = await store(kind, url, { table })
    const second = postgresStore(openPool(url), { table, listen: listenOf('pg', through) })
    const authorization = await authorizationServer()
    const { tokens: holder } = await signedIn(authorization, first)
    const waits = Promise.withResolvers<void>()
    const { tokens: waiter } = await signedIn(authorization, second, {
      onEvent: ({ type }) => type === 'waiting' && waits.resolve(),
    })
    const held = authorization.hold('before')
    const own = holder.getAccessToken()
    await held.arrived
    const other = waiter.getAccessToken()
    await waits.promise
    link.cut()
    held.release()
    expect((await other).accessToken).toBe((await own).accessToken)
    expect(authorization.tokenRequests).toBe(1)
    await second.close()
  })

  test('a sign-out elsewhere is noticed in memory', async () => {
    const table = await createTable(url)
    const authorization = await authorizationServer()
    const noticed = Promise.withResolvers<void>()
    const { tokens } = await signedIn(authorization, (await listener(kind, url, table)).store, {
      onEvent: ({ type }) => type === 'signed_out' && noticed.resolve(),
    })
    await tokens.getAccessToken()
    await write((await store(kind, url, { table })).store, undefined, 'default')
    await noticed.promise
  })

  test('close ends the listening, and the client is still open', async () => {
    const { store: at, query } = await listener(kind)
    let hints = 0
    at.watch?.('key', () => void hints++)
    await until(() => hints === 1)
    await at.close()
    if (kind === 'pg') await until(async () => (await listening()).length === 0)
    expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    await write(at, recordOf())
    expect(hints).toBe(1)
  })
})

function openPool(href: string) {
  const { client, end } = openClient('pg', href)
  onTestFinished(() => end())
  return client
}
