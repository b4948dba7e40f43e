import type { ProviderName } from '@tokenflight/oauth'
import { client, confidential, type Fixture, fixture } from './fixture.ts'

/** Providers that do not rotate: the refresh token stays as it is. */
export const lastingFixtures = {
  anthropic: fixture({ provider: 'anthropic', ...client }, 'https://platform.claude.com/v1/oauth/token', {
    format: 'json',
    authentication: 'none',
    rotates: false,
    dead: [400, { error: 'invalid_grant', error_description: 'Refresh token not found or invalid' }],
    throttled: [
      429,
      { type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } },
      { 'retry-after': '7' },
    ],
  }),
  cognito: fixture(
    { provider: 'cognito', domain: 'acme.auth.eu-west-1.amazoncognito.com', ...confidential },
    'https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token',
    {
      rotates: false,
      tokens: (n) => ({ id_token: 'i', access_token: `A${n}`, expires_in: 3600, token_type: 'Bearer' }),
    },
  ),
  dropbox: fixture({ provider: 'dropbox', ...confidential }, 'https://api.dropboxapi.com/oauth2/token', {
    authentication: 'post',
    rotates: false,
    lostAnswer: 'always',
    tokens: (n) => ({ access_token: `A${n}`, token_type: 'bearer', expires_in: 14_400 }),
  }),
  figma: fixture({ provider: 'figma', ...confidential }, 'https://api.figma.com/v1/oauth/refresh', {
    parameters: {},
    rotates: false,
    lostAnswer: 'always',
  }),
  google: fixture({ provider: 'google', ...confidential }, 'https://oauth2.googleapis.com/token', {
    authentication: 'post',
    rotates: false,
    lostAnswer: 'always',
    dead: [400, { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' }],
  }),
  hubspot: fixture({ provider: 'hubspot', ...confidential }, 'https://api.hubapi.com/oauth/2026-03/token', {
    authentication: 'post',
    tokens: (n) => ({ access_token: `A${n}`, refresh_token: 'R0', expires_in: 1800 }),
    rotates: false,
    dead: [
      400,
      {
        error: 'invalid_grant',
        error_description: 'refresh token is invalid, expired or revoked',
        status: 'BAD_REFRESH_TOKEN',
        message: 'refresh token is invalid, expired or revoked',
      },
    ],
  }),
  servicenow: fixture(
    { provider: 'servicenow', instance: 'acme', ...confidential },
    'https://acme.service-now.com/oauth_token.do',
    {
      authentication: 'post',
      rotates: false,
      lostAnswer: 'always',
      tokens: (n) => ({
        access_token: `A${n}`,
        refresh_token: 'R0',
        scope: 'useraccount',
        token_type: 'Bearer',
        expires_in: 1799,
      }),
    },
  ),
  spotify: fixture({ provider: 'spotify', ...confidential }, 'https://accounts.spotify.com/api/token', {
    rotates: false,
    dead: [400, { error: 'invalid_grant', error_description: 'Refresh token revoked' }],
  }),
  zoho: fixture({ provider: 'zoho', dc: 'com.au', ...confidential }, 'https://accounts.zoho.com.au/oauth/v2/token', {
    authentication: 'post',
    rotates: false,
    lostAnswer: 'always',
    tokens: (n) => ({
      access_token: `A${n}`,
      expires_in: 3600,
      api_domain: 'https://www.zohoapis.com.au',
      token_type: 'Bearer',
    }),
    dead: [200, { error: 'invalid_code' }],
    throttled: [
      400,
      {
        error_description: 'You have made too many requests continuously. Please try again after some time.',
        error: 'Access Denied',
        status: 'failure',
      },
      { 'retry-after': '7' },
    ],
    clientRefused: [200, { error: 'invalid_client' }],
  }),
} satisfies Partial<Record<ProviderName, Fixture>>
