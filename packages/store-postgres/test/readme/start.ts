import { createTokenManager } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { postgresStore } from '@tokenflight/store-postgres'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: 'postgres://app@db.internal/app' })
const grant = refreshTokenGrant({ issuer: 'https://login.acme.example', clientId: 'acme' })
const tokens = createTokenManager({ grant, store: postgresStore(pool), key: 'acme' })

console.log((await tokens.getAccessToken()).tokenType)
