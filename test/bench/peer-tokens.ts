import { OAuth2Client as BadgatewayClient, OAuth2Fetch } from '@badgateway/oauth2-client'
import type { TokenResponse } from '@tokenflight/core'
import { OAuth2Client } from 'google-auth-library'
import { createTokenManager } from 'refresh-guard'
import { refreshForm } from '../peers/library.ts'

/** What the token endpoint of the bench answers. */
type Answer = Record<'access_token' | 'refresh_token', string>

/** A library that hands out a token and refreshes it when it has expired. */
export interface PeerTokens {
  name: string
  /** @param tokens Of a sign-in. @param expired Whether the access token has expired. */
  open(tokenEndpoint: string, tokens: TokenResponse, expired: boolean): { token(): Promise<unknown>; close(): void }
}

const refreshGuard: PeerTokens = {
  name: 'refresh-guard',
  open(tokenEndpoint, { access_token, refresh_token = '' }, expired) {
    const manager = createTokenManager({
      initial: { access_token, refresh_token, expires_at: expired ? 1 : Date.now() + 3_600_000 },
      async refresh(previous) {
        const body = refreshForm(previous?.refresh_token ?? '')
        const answer: Answer = await (await fetch(tokenEndpoint, { method: 'POST', body })).json()
        return { ...answer, expires_at: Date.now() + 3_600_000 }
      },
    })
    return { token: () => manager.getValidToken(), close: () => {} }
  },
}

const badgateway: PeerTokens = {
  name: '@badgateway/oauth2-client',
  open(tokenEndpoint, { access_token: accessToken, refresh_token: refreshToken = '' }, expired) {
    const { origin, pathname } = new URL(tokenEndpoint)
    const wrapper = new OAuth2Fetch({
      client: new BadgatewayClient({ server: origin, tokenEndpoint: pathname, clientId: 'app' }),
      getNewToken: () => null,
      getStoredToken: () => ({ accessToken, refreshToken, expiresAt: expired ? 1 : Date.now() + 3_600_000 }),
      scheduleRefresh: false,
    })
    return { token: () => wrapper.getAccessToken(), close: () => {} }
  },
}

const google: PeerTokens = {
  name: 'google-auth-library',
  open(tokenEndpoint, { access_token, refresh_token = '' }, expired) {
    const client = new OAuth2Client({ clientId: 'app', endpoints: { oauth2TokenUrl: tokenEndpoint } })
    client.setCredentials({ access_token, refresh_token, expiry_date: expired ? 1 : Date.now() + 3_600_000 })
    return { token: () => client.getAccessToken(), close: () => {} }
  },
}

export const peerTokens: readonly PeerTokens[] = [refreshGuard, badgateway, google]
