import { createTokenManager, encryptedStore, isTokenError, type TokenEvent } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { postgresStore } from '@tokenflight/store-postgres'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createTable, runSql, startPostgres } from '../../../test/services/postgres.ts'
import { clientKinds, listenOf, openPool } from '../../../test/services/postgres-clients.ts'
import { authorizationServer, failure, signedIn, slowWrites, store, wire } from './kit.ts'

const server = await startPostgres()
afterAll(() => server.dispose())
const { url } = server

describe.skipIf(!server.available).each(clientKinds)('S8 a refresh, with %s', (kind) => {
  test('holds no connection, no transaction and no lock while the token endpoint is asked', async () => {
    const { store: at, table, query } = await store(kind, named(url, 'held'), { connections: 1 })
    const authorization = await authorizationServer()
    const { tokens } = await signedIn(authorization, at)
    const held = authorization.hold('before')
    const callers = Array.from({ length: 25 }, () => tokens.getAccessToken())
    await held.arrived

    const [{ connections, busy, locks } = {}] = await runSql(
      url,
      `SELECT count(*)::int AS connections, count(*) FILTER (WHERE state <> 'idle')::int AS busy,
        (SELECT count(*)::int FROM pg_locks WHERE relation = '${table}'::regclass OR locktype = 'advisory') AS locks
       FROM pg_stat_activity WHERE application_name = 'held'`,
    )
    expect({ connections, busy, locks }).toEqual({ connections: 1, busy: 0, locks: 0 })
    // The pool's only connection is there for the application.
    expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    held.release()
    const answers = await Promise.all(callers)
    expect(new Set(answers.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(authorization.tokenRequests).toBe(1)
  })

  test('works with a pool of one connection, which listening does not take', async () => {
    const options = { connections: 1, listen: listenOf(kind, named(url, 'listening')) }
    const { store: at, query } = await store(kind, url, options)
    const authorization = await authorizationServer()
    const { tokens } = await signedIn(authorization, at, { coolDown: 0 })
    let rejected: string | undefined
    for (let round = 1; round <= 3; round++) {
      const answers = await Promise.all(Array.from({ length: 25 }, () => tokens.getAccessToken({ rejected })))
      rejected = answers[0]?.accessToken
      expect(authorization.tokenRequests).toBe(round)
    }
    expect(await query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(await query('SELECT pg_listening_channels()')).toEqual([])
  })

  test('is shared by managers of several connections: one redemption a generation', async () => {
    const table = await createTable(url)
    const authorization = await authorizationServer()
    const { tokens } = await signedIn(authorization, (await store(kind, url, { table })).store, { coolDown: 0 })
    const grant = refreshTokenGrant({ tokenEndpoint: authorization.tokenEndpoint, clientId: 'app' })
    const others = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const { store: at } = await store(kind, url, { table, connections: 1 })
        return createTokenManager({ store: at, grant, coolDown: 0 })
      }),
    )
    const all = [tokens, ...others]
    let rejected: string | undefined
    for (let generation = 1; generation <= 4; generation++) {
      const answers = await Promise.all(
        all.flatMap((each) => Array.from({ length: 5 }, () => each.getAccessToken({ rejected }))),
      )
      rejected = answers[0]?.accessToken
      expect(new Set(answers.map(({ accessToken }) => accessToken)).size).toBe(1)
      expect(authorization.tokenRequests).toBe(generation)
    }
    expect(authorization.replays).toBe(0)
  })

  test('whose claim is killed with its connection in the middle of the statement presents once, or not at all', async () => {
    const { store: at, table } = await store(kind, named(url, 'victim'), { connections: 2 })
    const authorization = await authorizationServer()
    const { tokens } = await signedIn(authorization, at)
    const gate = await slowWrites(url, table)
    const asked = tokens.getAccessToken().catch((error: unknown) => error)
    const pid = await gate.waiting()
    await runSql(url, `SELECT pg_terminate_backend(${pid}, 5000)`)
    await gate.open()
    const outcome = await asked
    if (isTokenError(outcome)) {
      expect(outcome).toMatchObject({ code: 'store_failed', retryable: true })
      expect(authorization.tokenRequests).toBe(0)
    }
    expect((await tokens.getAccessToken()).accessToken).toBe((await at.read('default')).record?.tokens?.accessToken)
    expect(authorization.tokenRequests).toBe(1)
    expect(authorization.replays).toBe(0)
  })

  test('whose commit is killed in the middle of the statement commits again', async () => {
    const { store: at, table } = await store(kind, named(url, 'victim'), { connections: 2 })
    const authorization = await authorizationServer()
    const { tokens } = await signedIn(authorization, at)
    const held = authorization.hold('after')
    const asked = tokens.getAccessToken()
    await held.arrived
    const gate = await slowWrites(url, table)
    held.release()
    const pid = await gate.waiting()
    await runSql(url, `SELECT pg_terminate_backend(${pid}, 5000)`)
    await gate.open()
    const { accessToken } = await asked
    expect((await at.read('default')).record?.tokens?.accessToken).toBe(accessToken)
    expect(authorization.tokenRequests).toBe(1)
  })

  test.each(['claim', 'commit'])(
    'whose %s was written, with the reply lost, finds that out by reading',
    async (part) => {
      const { link, url: through } = await wire(server)
      const { store: at } = await store(kind, through, { connections: 1 })
      const authorization = await authorizationServer()
      const { tokens } = await signedIn(authorization, at)
      const before = (await at.read('default')).record
      const held = authorization.hold('after')
      let lost = part === 'claim' ? link.loseNextAnswer('SELECT 1\0', 'WITH written') : undefined
      const asked = tokens.getAccessToken()
      await held.arrived
      lost ??= link.loseNextAnswer('SELECT 1\0', 'WITH written')
      held.release()
      const { accessToken } = await asked
      await lost
      const { record } = await at.read('default')
      expect(record).toMatchObject({ generation: (before?.generation ?? 0) + 1, tokens: { accessToken } })
      expect(record?.claim).toBeUndefined()
      expect(authorization.tokenRequests).toBe(1)
      expect(authorization.replays).toBe(0)
    },
  )

  test.skipIf(!server.own).each(['before', 'after'] as const)(
    'that finds the server gone "%s" the token endpoint has answered keeps its tokens when it is back',
    async (when) => {
      const { store: at } = await store(kind, url)
      const authorization = await authorizationServer()
      const events: TokenEvent[] = []
      const { tokens } = await signedIn(authorization, at, {
        onEvent: (event) => void events.push(event),
        keepTimeout: 60_000,
      })
      const held = authorization.hold(when)
      const asked = tokens.getAccessToken()
      await held.arrived
      await server.crash()
      held.release()
      await authorization.waitFor(({ phase }) => phase === 'answered')
      await server.start()
      const { accessToken } = await asked
      expect((await at.read('default')).record?.tokens?.accessToken).toBe(accessToken)
      expect(events.map(({ type }) => type)).not.toContain('unsaved')
      expect(authorization.tokenRequests).toBe(1)
    },
  )

  test('I7 with the server out of reach sends no request', async () => {
    const { link, url: through } = await wire(server)
    const { store: at } = await store(kind, through)
    const authorization = await authorizationServer()
    const { tokens } = await signedIn(authorization, at)
    const up = await link.down()
    const errors = await Promise.all(Array.from({ length: 25 }, () => failure(tokens.getAccessToken())))
    expect(new Set(errors.map((error) => isTokenError(error) && error.code))).toEqual(new Set(['store_failed']))
    expect(authorization.tokenRequests).toBe(0)
    await up()
    while (isTokenError(await tokens.getAccessToken().catch((error: unknown) => error)));
    expect(authorization.tokenRequests).toBe(1)
  })

  test('S10 leaves no token anywhere in the database where the store is encrypted, and no key but in the key column', async () => {
    const { store: at, table } = await store(kind, url)
    const authorization = await authorizationServer()
    const key = crypto.getRandomValues(new Uint8Array(32))
    const { tokens } = await signedIn(authorization, encryptedStore(at, { keys: [{ id: '1', key }] }), { key: 'alice' })
    const { accessToken } = await tokens.getAccessToken()
    const [row] = await runSql(url, `SELECT record, due_at FROM ${table} WHERE key = 'alice'`)
    expect(String(row?.['record'])).toContain('encrypted')
    expect(String(row?.['record'])).not.toContain(accessToken)
    for (const { grants } of [authorization.state()])
      for (const { refreshTokens } of grants)
        for (const { token } of refreshTokens) expect(String(row?.['record'])).not.toContain(token)
    expect(row?.['due_at']).toBeInstanceOf(Date)
  })
})

test.skipIf(!server.available)(
  'S8 a pool that is exhausted is an error after its own time-out, and no request is sent',
  async () => {
    const pool = openPool({ connectionString: url, max: 1, connectionTimeoutMillis: 50 })
    onTestFinished(() => pool.end())
    const authorization = await authorizationServer()
    const { tokens } = await signedIn(authorization, postgresStore(pool, { table: await createTable(url) }))
    const hog = await pool.connect()
    expect(await failure(tokens.getAccessToken())).toMatchObject({
      code: 'store_failed',
      retryable: true,
      message: expect.stringMatching(/timeout exceeded when trying to connect.*All connections of the pool are in use/),
    })
    expect(authorization.tokenRequests).toBe(0)
    hog.release()
    await tokens.getAccessToken()
    expect(authorization.tokenRequests).toBe(1)
  },
)

/** The URL of connections with this name. */
function named(href: string, name: string): string {
  const url = new URL(href)
  url.searchParams.set('application_name', name)
  return url.href
}
