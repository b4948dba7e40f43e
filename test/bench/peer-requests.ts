import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline'
import { OAuth2Client as BadgatewayClient, OAuth2Fetch } from '@badgateway/oauth2-client'
import { withBearer as withBearerAxios } from '@tokenflight/axios'
import type { TokenSource } from '@tokenflight/core'
import { withBearer } from '@tokenflight/fetch'
import axios from 'axios'
import { createAuthRefresh } from 'axios-auth-refresh'
import { OAuth2Client } from 'google-auth-library'

/** One GET with a valid token, by us and by a library on the same client, or on none where it brings its own. */
export interface PeerRequests {
  name: string
  /** What both of them send with. */
  through: string
  ours(url: string, tokens: TokenSource): () => Promise<void>
  theirs(url: string, accessToken: string): () => Promise<void>
  /** What we do for the request and they do not, in case that is slower. */
  otherwise: string
}

const ourFetch: PeerRequests['ours'] = (url, tokens) => {
  const client = withBearer(fetch, tokens, { origins: url })
  return async () => void (await (await client(url)).arrayBuffer())
}

const axiosAuthRefresh: PeerRequests = {
  name: 'axios-auth-refresh',
  through: 'axios',
  otherwise: 'it watches no redirect, looks at no origin and leaves the token on the config of every error',
  ours(baseURL, tokens) {
    const client = withBearerAxios(axios.create({ baseURL }), tokens)
    return async () => void (await client.get('/'))
  },
  theirs(baseURL, accessToken) {
    const client = axios.create({ baseURL })
    client.interceptors.request.use((config) => {
      config.headers.set('Authorization', `Bearer ${accessToken}`)
      return config
    })
    // Its types are written against the CommonJS declarations of axios, which TypeScript takes for another axios.
    createAuthRefresh(client as unknown as Parameters<typeof createAuthRefresh>[0], () =>
      Promise.reject(new Error('no')),
    )
    return async () => void (await client.get('/'))
  },
}

const badgateway: PeerRequests = {
  name: '@badgateway/oauth2-client',
  through: 'fetch',
  otherwise: 'it sends the token to whatever URL it is given, and does not look for redirects',
  ours: ourFetch,
  theirs(url, accessToken) {
    const wrapper = new OAuth2Fetch({
      client: new BadgatewayClient({ server: url, clientId: 'app' }),
      getNewToken: () => null,
      getStoredToken: () => ({ accessToken, refreshToken: null, expiresAt: Date.now() + 3_600_000 }),
      scheduleRefresh: false,
    })
    return async () => void (await (await wrapper.fetch(url)).arrayBuffer())
  },
}

const google: PeerRequests = {
  name: 'google-auth-library',
  through: 'fetch, its own client gaxios included',
  otherwise: 'noise: it does more for each request',
  ours: ourFetch,
  theirs(url, access_token) {
    const client = new OAuth2Client({ clientId: 'app' })
    client.setCredentials({ access_token, expiry_date: Date.now() + 3_600_000 })
    return async () => void (await client.request({ url }))
  },
}

/** Its policy is a part of a pipeline that ends in whatever sends. */
const azure: PeerRequests = {
  name: '@azure/core-rest-pipeline',
  otherwise: 'it makes no standard Headers and no absolute URL, which fetch needs',
  through: 'a client that answers at once',
  ours(url, tokens) {
    const answer = new Response(null)
    const client = withBearer(async () => answer, tokens, { origins: url })
    return async () => void (await client(url))
  },
  theirs(url, token) {
    const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) }
    const pipeline = createEmptyPipeline()
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: 'all' }))
    const headers = createHttpHeaders()
    const answering: HttpClient = {
      async sendRequest(request) {
        return { request, headers, status: 200 }
      },
    }
    // It insists on https, and nothing is sent.
    const secure = url.replace('http:', 'https:')
    return async () => void (await pipeline.sendRequest(answering, createPipelineRequest({ url: secure })))
  },
}

export const peerRequests: readonly PeerRequests[] = [axiosAuthRefresh, badgateway, google, azure]
