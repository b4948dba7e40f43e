// For Node, Bun and Deno: the scenarios that need a file system or a client of theirs. Prints the results as its last line.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withBearer as withBearerAxios } from '@tokenflight/axios'
import { withBearer as withBearerGot } from '@tokenflight/got'
import axios from 'axios'
import got from 'got'
import { createTokenManager, fileStore, refreshTokenGrant } from 'tokenflight'
import { runAll } from './portable.mjs'

const urls = JSON.parse(process.env.TEST_URLS)
/** How this runtime runs a script, as the words before the script's name. */
const command = JSON.parse(process.env.TEST_COMMAND)

function check(holds, what) {
  if (!holds) throw new Error(`not so: ${what}`)
}

async function tell(name, body) {
  const response = await fetch(`${urls.server}/_simulator/${name}`, {
    method: 'POST',
    body: JSON.stringify(body ?? {}),
  })
  return response.json()
}

const openManager = (store) =>
  createTokenManager({ store, grant: refreshTokenGrant({ tokenEndpoint: `${urls.server}/token`, clientId: 'app' }) })

async function oneRefresh(withClient) {
  const tokens = openManager()
  await tokens.setTokens(await tell('sign-in', { expired: true }))
  const before = (await tell('state')).tokenRequests
  const call = withClient(tokens)
  const statuses = await Promise.all(Array.from({ length: 25 }, call))
  check(
    statuses.every((status) => status === 200),
    `25 answers 200, but ${statuses}`,
  )
  check((await tell('state')).tokenRequests === before + 1, 'one token request')
  await tokens.close()
}

const scenarios = {
  'axios: 25 callers, one token request': () =>
    oneRefresh((tokens) => {
      const api = withBearerAxios(axios.create({ baseURL: urls.api }), tokens)
      return async () => (await api.get('/')).status
    }),

  'got: 25 callers, one token request': () =>
    oneRefresh((tokens) => {
      const api = withBearerGot(got.extend({ prefixUrl: urls.api }), tokens)
      return async () => (await api.get('')).statusCode
    }),

  'S2 four processes on one credential file make one token request': async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tokenflight-runtime-'))
    const file = join(directory, 'credentials.json')
    try {
      const store = fileStore(file)
      const tokens = openManager(store)
      const first = await tell('sign-in')
      await tokens.setTokens(first)
      check((statSync(file).mode & 0o777) === 0o600, 'the file is 0600')
      const before = (await tell('state')).tokenRequests
      const printed = await Promise.all(Array.from({ length: 4 }, () => child(file, first.access_token)))
      check(new Set(printed).size === 1 && printed[0] !== first.access_token, `one new token for all, but ${printed}`)
      const state = await tell('state')
      check(state.tokenRequests === before + 1, `one token request, but ${state.tokenRequests - before}`)
      check(
        (await tokens.getAccessToken({ rejected: first.access_token })).accessToken === printed[0],
        'adopted here too',
      )
      await tokens.close()
      await store.close()
    } finally {
      rmSync(directory, { recursive: true })
    }
  },

  'the CommonJS build loads and works': async () => {
    const { createTokenManager: create, memoryStore } = createRequire(import.meta.url)('@tokenflight/core')
    const tokens = create({ store: memoryStore(), grant: async () => ({ access_token: 'x' }) })
    await tokens.setTokens({ access_token: 'at-1' })
    check((await tokens.getAccessToken()).accessToken === 'at-1', 'the token that was set')
    await tokens.close()
  },
}

/** Another process of the same runtime; resolves with the access token that it prints. */
function child(file, rejected) {
  const [program, ...args] = command
  const started = spawn(program, [...args, process.argv[1], file, rejected], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  started.stdout.setEncoding('utf8').on('data', (text) => {
    printed += text
  })
  return new Promise((resolve, reject) => {
    started.on('error', reject)
    started.on('close', (code) =>
      code === 0 ? resolve(printed.trim()) : reject(new Error(`a process ended with ${code}`)),
    )
  })
}

const [file, rejected] = process.argv.slice(2)
if (file === undefined) console.log(JSON.stringify(await runAll(urls, scenarios)))
else {
  const store = fileStore(file)
  const tokens = openManager(store)
  console.log((await tokens.getAccessToken({ rejected })).accessToken)
  await tokens.close()
  await store.close()
}
