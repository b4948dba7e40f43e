import { Agent as TlsAgent } from 'node:https'
import { withBearer as withBearerAxios } from '@tokenflight/axios'
import type { TokenSource } from '@tokenflight/core'
import { withBearer as withBearerFetch } from '@tokenflight/fetch'
import { withBearer as withBearerGot } from '@tokenflight/got'
import axios from 'axios'
import got from 'got'
import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent'
import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici'
import type { AxiosUnderTest } from '../fixtures/axios.ts'

/** A client that goes by `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, read when it is opened or later. */
export interface ProxiedClient {
  readonly name: string
  open(tokens: TokenSource, options: ProxiedClientOptions): OpenClient
}

export interface ProxiedClientOptions {
  origins: string
  ca: string
}

export interface OpenClient {
  /** The status of a POST to this URL, whatever it is; rejects where nobody answered. */
  send(url: string): Promise<number>
  close(): void | Promise<void>
}

// The names of these tests are nobody's, so http to them is allowed for once.
const allowInsecureOrigins = true
const body = 'order=1'

/** By axios itself. */
export function axiosClient(name: string, { axios, withBearer }: AxiosUnderTest): ProxiedClient {
  return {
    name,
    open(tokens, { origins, ca }) {
      const httpsAgent = new TlsAgent({ ca })
      const settings = { httpsAgent, validateStatus: () => true }
      const client = withBearer(axios.create(settings), tokens, { origins, allowInsecureOrigins })
      return {
        send: async (url) => (await client.post(url, body)).status,
        close: () => httpsAgent.destroy(),
      }
    },
  }
}

const undiciWithItsAgent: ProxiedClient = {
  name: "undici.fetch with undici's EnvHttpProxyAgent",
  open(tokens, { origins, ca }) {
    const dispatcher = new EnvHttpProxyAgent({ requestTls: { ca } })
    const bearerFetch = withBearerFetch(undiciFetch, tokens, { origins, allowInsecureOrigins })
    return {
      async send(url) {
        const response = await bearerFetch(url, { method: 'POST', body, dispatcher })
        await response.text()
        return response.status
      },
      close: () => dispatcher.destroy(),
    }
  },
}

const gotWithHpagent: ProxiedClient = {
  name: 'got with hpagent',
  open(tokens, { origins, ca }) {
    // Which of them to use is up to the application; these tests name both or none.
    const { HTTP_PROXY, HTTPS_PROXY } = process.env
    const agent = {
      ...(HTTP_PROXY && { http: new HttpProxyAgent({ proxy: HTTP_PROXY }) }),
      ...(HTTPS_PROXY && { https: new HttpsProxyAgent({ proxy: HTTPS_PROXY }) }),
    }
    const settings = { agent, https: { certificateAuthority: ca }, throwHttpErrors: false, retry: { limit: 0 } }
    const client = withBearerGot(got.extend(settings), tokens, { origins, allowInsecureOrigins })
    return {
      send: async (url) => (await client.post(url, { body })).statusCode,
      close() {
        agent.http?.destroy()
        agent.https?.destroy()
      },
    }
  },
}

export const proxiedClients: readonly ProxiedClient[] = [
  axiosClient('axios', { axios, withBearer: withBearerAxios }),
  undiciWithItsAgent,
  gotWithHpagent,
]
