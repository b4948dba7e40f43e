import { postgresStore } from '@tokenflight/store-postgres'
import { serveStoreContract } from '@tokenflight/testing'
import { openClient } from '../../services/postgres-clients.ts'

const [kind = '', url = '', table = ''] = process.argv.slice(2)
serveStoreContract(postgresStore(openClient(kind === 'pg' ? 'pg' : 'postgres', url, 1).client, { table }))
