// Many threads of one process need the same token. Who refreshes?

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { createTokenManager, fileStore, refreshTokenGrant, withBearer } from 'tokenflight'

interface Setup {
  file: string
  tokenEndpoint: string
  api: string
}

/** Threads share no memory that could hold a promise: each has a manager of its own, over one store. */
function openTokens({ file, tokenEndpoint }: Setup) {
  return createTokenManager({
    store: fileStore(file),
    grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }),
  })
}

if (isMainThread) {
  const authorizationServer = await startAuthorizationServer()
  const resourceServer = await startResourceServer({ authorizationServer })
  const directory = await mkdtemp(join(tmpdir(), 'tokenflight-example-'))
  const setup: Setup = {
    file: join(directory, 'credentials.json'),
    tokenEndpoint: authorizationServer.tokenEndpoint,
    api: resourceServer.url,
  }
  const tokens = openTokens(setup)
  await tokens.setTokens(await authorizationServer.signIn({ expired: true }))

  const threads = Array.from({ length: 4 }, () => new Worker(new URL(import.meta.url), { workerData: setup }))
  const answers = (await Promise.all(threads.map((thread) => once(thread, 'message')))).flat(2)
  assert.equal(answers.length, 40)
  assert(answers.every((status) => status === 200))
  assert.equal(authorizationServer.tokenRequests, 1)
  console.log(
    `${threads.length} threads, ${answers.length} requests, ${authorizationServer.tokenRequests} token request`,
  )

  await tokens.close()
  await Promise.all([resourceServer.close(), authorizationServer.close()])
  await rm(directory, { recursive: true })
} else {
  const tokens = openTokens(workerData)
  const { api }: Setup = workerData
  const call = withBearer(fetch, tokens, { origins: api })
  // Ten at once, in each of the threads. The first answer is 401: the token looks good and is not.
  const statuses = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const response = await call(`${api}/work`)
      await response.text()
      return response.status
    }),
  )
  await tokens.close()
  parentPort?.postMessage(statuses)
}
