// A program of one client: argv[2] is a StormInput, stdout a StormOutput. It never calls process.exit.
import { withBearer as withBearerAxios } from '@tokenflight/axios'
import { createTokenManager, type TokenResponse, type TokenSource } from '@tokenflight/core'
import { withBearer as withBearerFetch } from '@tokenflight/fetch'
import { withBearer as withBearerGot } from '@tokenflight/got'
import { withBearer as withBearerKy } from '@tokenflight/ky'
import { refreshTokenGrant } from '@tokenflight/oauth'
import axios from 'axios'
import got from 'got'
import ky from 'ky'

type Send = (url: string, signal: AbortSignal) => Promise<number>

/** Each as its users have it: nothing is set but the origin. */
export const clients: Record<string, (tokens: TokenSource, origins: string) => Send> = {
  fetch(tokens, origins) {
    const client = withBearerFetch(fetch, tokens, { origins })
    return async (url, signal) => {
      const response = await client(url, { signal })
      await response.text()
      return response.status
    }
  },
  axios(tokens, origins) {
    const client = withBearerAxios(axios.create(), tokens, { origins })
    return async (url, signal) => (await client.get(url, { signal })).status
  },
  'axios on fetch'(tokens, origins) {
    const client = withBearerAxios(axios.create({ adapter: 'fetch' }), tokens, { origins })
    return async (url, signal) => (await client.get(url, { signal })).status
  },
  got(tokens, origins) {
    const client = withBearerGot(got, tokens, { origins })
    return async (url, signal) => (await client(url, { signal })).statusCode
  },
  ky(tokens, origins) {
    const client = withBearerKy(ky, tokens, { origins })
    return async (url, signal) => {
      const response = await client(url, { signal })
      await response.text()
      return response.status
    }
  },
}

export interface StormInput {
  client: string
  signIn: TokenResponse
  tokenEndpoint: string
  api: string
  calls: number
}

export interface StormOutput {
  statuses: number[]
}

if (import.meta.main) {
  const { client, signIn, tokenEndpoint, api, calls }: StormInput = JSON.parse(process.argv[2] ?? '')
  const tokens = createTokenManager({ grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app' }) })
  await tokens.setTokens(signIn)
  const send = clients[client]?.(tokens, api)
  // One signal for all of them, as an application has that wants to stop everything at once.
  const { signal } = new AbortController()
  const statuses = await Promise.all(Array.from({ length: calls }, (_, n) => send?.(`${api}/${n}`, signal) ?? 0))
  const output: StormOutput = { statuses }
  console.log(JSON.stringify(output))
  await tokens.close()
}
