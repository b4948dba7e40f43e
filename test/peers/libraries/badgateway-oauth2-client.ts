import { OAuth2Client, OAuth2Fetch, type OAuth2Token } from '@badgateway/oauth2-client'
import { fetchInit, type Library } from '../library.ts'

export const badgateway: Library = {
  name: '@badgateway/oauth2-client',
  packages: ['@badgateway/oauth2-client'],
  setup:
    '`OAuth2Fetch` with `getStoredToken` and `storeToken`; `getNewToken` answers null, since nobody is there to sign in (README, "Fetch Wrapper")',
  features: ['client', 'answers', 'copies'],
  async open({ tokenEndpoint, tokens, single }) {
    let stored: OAuth2Token | null = tokens
      ? {
          accessToken: tokens.access_token,
          refreshToken: tokens.refresh_token ?? null,
          expiresAt: tokens.expires_in === undefined ? null : Date.now() + Number(tokens.expires_in) * 1000,
        }
      : null
    const wrapper = new OAuth2Fetch({
      client: new OAuth2Client({
        server: new URL(tokenEndpoint).origin,
        tokenEndpoint: new URL(tokenEndpoint).pathname,
        clientId: 'app',
        ...(single && { fetch: single.fetch }),
      }),
      getNewToken: () => null,
      storeToken: (token) => {
        stored = token
      },
      getStoredToken: () => stored,
    })
    const { fetch = globalThis.fetch } = single ?? {}
    const send = wrapper.mw()
    return {
      async send(call) {
        const response = await send(new Request(call.url, fetchInit(call)), (request) => fetch(request))
        await response.arrayBuffer()
        return response
      },
      close: async () => {},
    }
  },
}
