import { withBearer as withBearerAxios } from '@tokenflight/axios'
import { withBearer } from '@tokenflight/fetch'
import { withBearer as withBearerGot } from '@tokenflight/got'
import { withBearer as withBearerKy } from '@tokenflight/ky'
import axios from 'axios'
import got from 'got'
import ky from 'ky'
import { createTokenManager, fileStore, refreshTokenGrant, type TokenManager } from 'tokenflight'
import { type Feature, fetchInit, type Library, type PeerClient, type Setup } from '../library.ts'
import { sendWithAxios } from './send-with-axios.ts'
import { sendWithGot } from './send-with-got.ts'
import { sendWithKy } from './send-with-ky.ts'

/** A manager, and one of the adapters. */
function tokenflight(
  client: string,
  features: readonly Feature[],
  wrapped: string,
  wrap: (tokens: TokenManager, setup: Setup) => PeerClient['send'],
): Library {
  return {
    name: `@tokenflight/${client}`,
    packages: client === 'fetch' ? ['@tokenflight/fetch'] : [`@tokenflight/${client}`, client],
    setup: `\`${wrapped}\`, the tokens from \`createTokenManager\` with \`refreshTokenGrant\` and, where processes share the login, \`fileStore\` (README)`,
    features: ['client', 'file', 'answers', ...features],
    async open(setup) {
      const tokens = manager(setup)
      if (setup.tokens !== undefined) await tokens.setTokens(setup.tokens)
      return { send: wrap(tokens, setup), close: () => tokens.close() }
    },
    async seed(file, answer) {
      const tokens = manager({ file, tokenEndpoint: 'https://login.example.com/token' })
      await tokens.setTokens(answer)
      await tokens.close()
    },
  }
}

function manager({ file, tokenEndpoint, single }: Pick<Setup, 'file' | 'tokenEndpoint' | 'single'>): TokenManager {
  return createTokenManager({
    grant: refreshTokenGrant({ tokenEndpoint, clientId: 'app', ...(single && { fetch: single.fetch }) }),
    ...(file !== undefined && { store: fileStore(file) }),
  })
}

export const tokenflightFetch: Library = tokenflight(
  'fetch',
  [],
  'withBearer(fetch, tokens, { origins })',
  (tokens, { api, single }) => {
    const apiFetch = withBearer(single?.fetch ?? fetch, tokens, { origins: api })
    return async (call) => {
      const response = await apiFetch(call.url, fetchInit(call))
      await response.arrayBuffer()
      return response
    }
  },
)

export const tokenflightAxios: Library = tokenflight(
  'axios',
  [],
  'withBearer(axios.create({ baseURL }), tokens)',
  (tokens, { api, single }) => {
    const instance = axios.create({ baseURL: api, ...(single && { httpAgent: single.agent }) })
    const client = withBearerAxios(instance, tokens)
    return (call) => sendWithAxios(client, call)
  },
)

export const tokenflightGot: Library = tokenflight(
  'got',
  ['retry'],
  'withBearer(got, tokens, { origins })',
  (tokens, { api, single }) => {
    const client = withBearerGot(got.extend({ ...(single && { agent: { http: single.agent } }) }), tokens, {
      origins: api,
    })
    return (call) => sendWithGot(client, call)
  },
)

export const tokenflightKy: Library = tokenflight(
  'ky',
  ['retry', 'copies'],
  'withBearer(ky, tokens, { origins })',
  (tokens, { api, single }) => {
    const client = withBearerKy(ky.create({ ...(single && { fetch: single.fetch }) }), tokens, { origins: api })
    return (call) => sendWithKy(client, call)
  },
)
