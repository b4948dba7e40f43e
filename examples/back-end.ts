// A web process, a job worker and a cron process, for tenants with authorization servers of their own. Who refreshes?
//
// With a PostgreSQL of yours: DATABASE_URL=postgres://... node --conditions=@tokenflight/source examples/back-end.ts

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import fastify from 'fastify'
import { startPostgres } from '../test/services/postgres.ts'
import { openIntegrations, type Setup } from './back-end/integrations.ts'

const ownUrl = process.env['DATABASE_URL']
const postgres = ownUrl === undefined ? await startPostgres() : undefined
// It has said that this is skipped; on a build machine it throws.
if (postgres?.available === false) process.exit()

// Two companies, each with an authorization server and an API.
const clients = { 'back-end': {} }
const names = ['acme', 'globex']
const authorizationServers = await Promise.all(names.map(() => startAuthorizationServer({ clients })))
const apis = await Promise.all(
  authorizationServers.map((authorizationServer) => startResourceServer({ authorizationServer })),
)
const setup: Setup = { databaseUrl: ownUrl ?? postgres?.url ?? '', tenants: {} }
for (const [n, name] of names.entries())
  setup.tenants[name] = { tokenEndpoint: authorizationServers[n]?.tokenEndpoint ?? '', api: apis[n]?.url ?? '' }

const { managers, migrate, readInbox, close } = openIntegrations(setup)
await migrate()
for (const [n, server] of authorizationServers.entries())
  await managers.for(`${names[n]}:ada`).setTokens(await server.signIn({ subject: 'ada', clientId: 'back-end' }))

const web = fastify()
web.get<{ Params: { tenant: string } }>('/:tenant/inbox', async ({ params }, reply) =>
  reply.code(await readInbox(params.tenant, 'ada')).send(),
)

// Both tokens expire, and all three come at the same moment.
for (const server of authorizationServers) server.expireAccessTokens()
const worker = new Worker(new URL('back-end/jobs.ts', import.meta.url), { workerData: setup })
worker.postMessage(Array.from({ length: 20 }, (_, n) => [names[n % 2], 'ada']))
const cron = promisify(execFile)(process.execPath, [
  '--conditions=@tokenflight/source', // the packages' sources, in this repository only
  fileURLToPath(new URL('back-end/cron.ts', import.meta.url)),
  JSON.stringify(setup),
])
const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => web.inject({ url: `/${names[n % 2]}/inbox` })))
const [jobs] = await once(worker, 'message')
const statuses: number[] = [...answers.map(({ statusCode }) => statusCode), ...jobs, ...JSON.parse((await cron).stdout)]

assert.equal(statuses.length, 42)
assert(statuses.every((status) => status === 200))
assert(authorizationServers.every(({ tokenRequests, replays }) => tokenRequests === 1 && replays === 0))
console.log(`${statuses.length} calls of 3 processes and threads, 2 tenants, 1 token request each`, managers.stats())

for (const name of names) await managers.for(`${name}:ada`).clearTokens()
await Promise.all([close(), web.close()])
await Promise.all([...apis, ...authorizationServers].map((server) => server.close()))
await postgres?.dispose()
