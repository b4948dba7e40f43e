import { Agent } from 'node:http'
import { withBearer as withAxios } from '@tokenflight/axios'
import type { TokenSource } from '@tokenflight/core'
import { withBearer as withFetch } from '@tokenflight/fetch'
import { withBearer as withGot } from '@tokenflight/got'
import { withBearer as withKy } from '@tokenflight/ky'
import axios from 'axios'
import got from 'got'
import ky from 'ky'

/** One HTTP client with our adapter: resolves with the status. */
export type Send = (signal: AbortSignal) => Promise<number>

/** The connections of the whole process, as an application has them. */
export const agent: Agent = new Agent({ keepAlive: true, maxSockets: 20 })

/** All four clients on one token source, as an application makes them once and uses them for ever. */
export function createClients(tokens: TokenSource, api: string): Readonly<Record<string, Send>> {
  const options = { origins: api }
  const bearerFetch = withFetch(fetch, tokens, options)
  const bearerAxios = withAxios(axios.create({ httpAgent: agent, validateStatus: () => true }), tokens, options)
  const bearerGot = withGot(
    got.extend({ agent: { http: agent }, throwHttpErrors: false, retry: { limit: 0 } }),
    tokens,
    options,
  )
  const bearerKy = withKy(ky.extend({ throwHttpErrors: false, retry: 0 }), tokens, options)
  return {
    async fetch(signal) {
      const response = await bearerFetch(api, { signal })
      await response.text()
      return response.status
    },
    axios: async (signal) => (await bearerAxios.get(api, { signal })).status,
    got: async (signal) => (await bearerGot(api, { signal })).statusCode,
    async ky(signal) {
      const response = await bearerKy(api, { signal })
      await response.text()
      return response.status
    },
  }
}
