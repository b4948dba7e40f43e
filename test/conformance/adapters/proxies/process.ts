// A program that knows nothing of proxies, run with NODE_USE_ENV_PROXY=1: argv[2] is a ProgramInput, stdout a ProgramOutput.
import { withBearer as withBearerAxios } from '@tokenflight/axios'
import { createTokenManager, type TokenResponse } from '@tokenflight/core'
import { withBearer as withBearerFetch } from '@tokenflight/fetch'
import { withBearer as withBearerGot } from '@tokenflight/got'
import { withBearer as withBearerKy } from '@tokenflight/ky'
import { refreshTokenGrant } from '@tokenflight/oauth'
import axios from 'axios'
import got from 'got'
import ky from 'ky'

export interface ProgramInput {
  signIn: TokenResponse
  tokenEndpoint: string
  api: string
  other: string
}

/** The statuses that each client has from the API and from the other one. */
export type ProgramOutput = Record<string, [number, number]>

const { signIn, tokenEndpoint, api, other }: ProgramInput = JSON.parse(process.argv[2] ?? '')
const tokens = createTokenManager({ grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }) })
await tokens.setTokens(signIn)

const validateStatus = () => true
const origins = api
const viaHttp = withBearerAxios(axios.create({ validateStatus }), tokens, { origins })
const viaFetch = withBearerAxios(axios.create({ validateStatus, adapter: 'fetch' }), tokens, { origins })
const viaGot = withBearerGot(got.extend({ throwHttpErrors: false }), tokens, { origins })
const viaKy = withBearerKy(ky.create({ throwHttpErrors: false }), tokens, { origins })
const bearerFetch = withBearerFetch(fetch, tokens, { origins })
const clients: Record<string, (url: string) => Promise<number>> = {
  fetch: async (url) => (await bearerFetch(url)).status,
  axios: async (url) => (await viaHttp.get(url)).status,
  'axios on fetch': async (url) => (await viaFetch.get(url)).status,
  got: async (url) => (await viaGot.get(url)).statusCode,
  ky: async (url) => (await viaKy.get(url)).status,
}

const rows = Object.entries(clients).map(async ([name, send]) => {
  const statuses = await Promise.all([send(`${api}/${encodeURIComponent(name)}`), send(`${other}/`)])
  return [name, statuses] as const
})
const output: ProgramOutput = Object.fromEntries(await Promise.all(rows))
console.log(JSON.stringify(output))
await tokens.close()
