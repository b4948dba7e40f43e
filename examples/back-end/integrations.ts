// What the web process, the job worker and the cron process have in common.

import { migration, postgresStore } from '@tokenflight/store-postgres'
import pg from 'pg'
import { createTokenManagers, refreshTokenGrant, TokenError, withBearer } from 'tokenflight'

export interface Setup {
  databaseUrl: string
  /** In earnest a table of yours: which authorization server and which API a tenant uses. */
  tenants: Record<string, { tokenEndpoint: string; api: string }>
}

export function openIntegrations({ databaseUrl, tenants }: Setup) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 })
  pool.on('error', ({ message }) => console.error(message))
  const store = postgresStore(pool, { listen: () => new pg.Client({ connectionString: databaseUrl }) })
  const grants = new Map(
    Object.entries(tenants).map(([name, { tokenEndpoint }]) => [
      name,
      refreshTokenGrant({ tokenEndpoint, clientId: 'back-end' }),
    ]),
  )
  const managers = createTokenManagers({
    store,
    // A key is `tenant:user`. It may be async: ask your database here.
    grantFor(key) {
      const grant = grants.get(key.slice(0, key.indexOf(':')))
      if (grant === undefined) throw new TokenError('no_credential', `There is no tenant for ${key}.`)
      return grant
    },
    maxIdleTime: 3_600_000,
  })

  return {
    managers,
    /** For deployment scripts: prints into a migration as well. */
    migrate: () => pool.query(migration()),
    async readInbox(tenant: string, user: string): Promise<number> {
      const api = tenants[tenant]?.api ?? ''
      const call = withBearer(fetch, managers.for(`${tenant}:${user}`), { origins: api })
      const response = await call(`${api}/inbox`)
      await response.text()
      return response.status
    },
    async close() {
      await managers.close()
      await store.close()
      await pool.end()
    },
  }
}
