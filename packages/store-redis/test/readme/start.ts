import { createTokenManager } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { redisStore } from '@tokenflight/store-redis'
import { createClient } from 'redis'

const redis = createClient({ url: 'rediss://redis.internal:6379' })
redis.on('error', (error) => console.error(error))
await redis.connect()

const grant = refreshTokenGrant({ issuer: 'https://login.acme.example', clientId: 'acme' })
const tokens = createTokenManager({ grant, store: redisStore(redis) })

console.log((await tokens.getAccessToken()).tokenType)
