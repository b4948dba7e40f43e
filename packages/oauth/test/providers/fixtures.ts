import type { ProviderName } from '@tokenflight/oauth'
import { client, confidential, type Fixture, fixture } from './fixture.ts'
import { lastingFixtures } from './lasting-fixtures.ts'

/** Every provider: those that rotate stand here, those that do not beside this file. */
export const fixtures: Record<ProviderName, Fixture> = {
  atlassian: fixture({ provider: 'atlassian', ...confidential }, 'https://auth.atlassian.com/oauth/token', {
    format: 'json',
    authentication: 'post',
    lostAnswer: 'again',
    dead: [403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' }],
  }),
  auth0: fixture(
    { provider: 'auth0', domain: 'acme.eu.auth0.com', ...confidential },
    'https://acme.eu.auth0.com/oauth/token',
    {
      authentication: 'post',
      dead: [403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' }],
      clientRefused: [401, { error: 'access_denied', error_description: 'Unauthorized' }],
    },
  ),
  box: fixture({ provider: 'box', ...confidential }, 'https://api.box.com/oauth2/token', {
    authentication: 'post',
    lostAnswer: 'again',
    dead: [403, { error: 'invalid_grant', error_description: 'Refresh token has expired' }],
  }),
  calendly: fixture({ provider: 'calendly', ...confidential }, 'https://auth.calendly.com/oauth/token', {
    tokens: (n) => ({
      token_type: 'Bearer',
      access_token: `A${n}`,
      refresh_token: `R${n}`,
      scope: 'default',
      created_at: 1,
      expires_in: 7200,
      owner: 'https://api.calendly.com/users/u',
      organization: 'https://api.calendly.com/organizations/o',
    }),
  }),
  discord: fixture({ provider: 'discord', ...confidential }, 'https://discord.com/api/oauth2/token', {
    dead: [400, { error: 'invalid_grant', error_description: 'Invalid "refresh_token" in request' }],
  }),
  docusign: fixture({ provider: 'docusign', ...confidential }, 'https://account.docusign.com/oauth/token', {}),
  entra: fixture(
    { provider: 'entra', tenant: 'organizations', ...confidential },
    'https://login.microsoftonline.com/organizations/oauth2/v2.0/token',
    {
      authentication: 'post',
      lostAnswer: 'always',
      dead: [400, { error: 'interaction_required', suberror: 'bad_token', error_codes: [50_173], trace_id: 't' }],
    },
  ),
  genesys: fixture(
    { provider: 'genesys', region: 'mypurecloud.de', ...confidential },
    'https://login.mypurecloud.de/oauth/token',
    {},
  ),
  github: fixture({ provider: 'github', ...confidential }, 'https://github.com/login/oauth/access_token', {
    authentication: 'post',
    tokens: (n) => ({
      access_token: `A${n}`,
      expires_in: 28_800,
      refresh_token: `R${n}`,
      refresh_token_expires_in: 15_897_600,
      scope: '',
      token_type: 'bearer',
    }),
    dead: [200, { error: 'bad_refresh_token', error_description: 'The refresh token passed is incorrect or expired.' }],
    clientRefused: [200, { error: 'incorrect_client_credentials' }],
  }),
  gitlab: fixture(
    { provider: 'gitlab', host: 'gitlab.acme.example:8443', ...confidential },
    'https://gitlab.acme.example:8443/oauth/token',
    {
      authentication: 'post',
      tokens: (n) => ({
        access_token: `A${n}`,
        token_type: 'bearer',
        expires_in: 7200,
        refresh_token: `R${n}`,
        created_at: 1,
      }),
      clientRefused: [401, { error: 'invalid_client' }],
    },
  ),
  keycloak: fixture(
    { provider: 'keycloak', host: 'id.acme.example', realm: 'acme staff', ...confidential },
    'https://id.acme.example/realms/acme%20staff/protocol/openid-connect/token',
    {
      tokens: (n) => ({
        access_token: `A${n}`,
        expires_in: 300,
        refresh_expires_in: 1800,
        refresh_token: `R${n}`,
        token_type: 'Bearer',
      }),
      dead: [400, { error: 'invalid_grant', error_description: 'Maximum allowed refresh token reuse exceeded' }],
      clientRefused: [
        401,
        { error: 'unauthorized_client', error_description: 'Invalid client or Invalid client credentials' },
      ],
    },
  ),
  linear: fixture({ provider: 'linear', ...confidential }, 'https://api.linear.app/oauth/token', {
    authentication: 'post',
  }),
  notion: fixture({ provider: 'notion', ...confidential }, 'https://api.notion.com/v1/oauth/token', {
    format: 'json',
    tokens: (n) => ({
      access_token: `A${n}`,
      token_type: 'bearer',
      refresh_token: `R${n}`,
      bot_id: 'b',
      workspace_id: 'w',
    }),
  }),
  okta: fixture(
    { provider: 'okta', domain: 'acme.okta.com', authorizationServer: 'default', ...confidential },
    'https://acme.okta.com/oauth2/default/v1/token',
    { lostAnswer: 'again' },
  ),
  openai: fixture({ provider: 'openai', ...client }, 'https://auth.openai.com/oauth/token', {
    format: 'json',
    authentication: 'none',
    tokens: (n) => ({ id_token: 'i', access_token: `A${n}`, refresh_token: `R${n}` }),
    dead: [
      401,
      {
        error: {
          message: 'Your refresh token has already been used to generate a new access token.',
          type: 'invalid_request_error',
          param: null,
          code: 'refresh_token_reused',
        },
      },
    ],
  }),
  quickbooks: fixture(
    { provider: 'quickbooks', ...confidential },
    'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
    {
      lostAnswer: 'again',
      tokens: (n) => ({
        access_token: `A${n}`,
        refresh_token: `R${n}`,
        token_type: 'bearer',
        expires_in: 3600,
        x_refresh_token_expires_in: 8_726_400,
      }),
    },
  ),
  salesforce: fixture(
    { provider: 'salesforce', domain: 'acme.my.salesforce.com', ...confidential },
    'https://acme.my.salesforce.com/services/oauth2/token',
    {
      authentication: 'post',
      tokens: (n) => ({
        access_token: `A${n}`,
        refresh_token: `R${n}`,
        instance_url: 'https://acme.my.salesforce.com',
        issued_at: '1',
        token_type: 'Bearer',
      }),
      dead: [400, { error: 'invalid_grant', error_description: 'expired access/refresh token' }],
      clientRefused: [400, { error: 'invalid_client', error_description: 'invalid client credentials' }],
    },
  ),
  shopify: fixture(
    { provider: 'shopify', shop: 'acme', ...confidential },
    'https://acme.myshopify.com/admin/oauth/access_token',
    {
      format: 'json',
      authentication: 'post',
      lostAnswer: 'again',
    },
  ),
  slack: fixture({ provider: 'slack', ...confidential }, 'https://slack.com/api/oauth.v2.access', {
    authentication: 'post',
    tokens: (n) => ({
      ok: true,
      authed_user: { id: 'U1', access_token: `A${n}`, refresh_token: `R${n}`, expires_in: 43_200, token_type: 'user' },
    }),
    dead: [200, { ok: false, error: 'invalid_refresh_token' }],
    clientRefused: [200, { ok: false, error: 'bad_client_secret' }],
  }),
  square: fixture({ provider: 'square', ...confidential }, 'https://connect.squareup.com/oauth2/token', {
    format: 'json',
    authentication: 'post',
    tokens: (n) => ({
      access_token: `A${n}`,
      token_type: 'bearer',
      expires_at: new Date(Date.now() + 30 * 86_400_000).toISOString(),
      merchant_id: 'm',
      refresh_token: `R${n}`,
    }),
    dead: [401, { message: 'Invalid refresh token', type: 'service.not_authorized' }],
  }),
  supabase: fixture(
    { provider: 'supabase', ref: 'abcdefghijklmnopqrst', ...client },
    'https://abcdefghijklmnopqrst.supabase.co/auth/v1/token?grant_type=refresh_token',
    {
      format: 'json',
      authentication: 'none',
      headers: { accept: 'application/json', apikey: 'client-1' },
      lostAnswer: 'again',
      dead: [400, { code: 400, error_code: 'refresh_token_already_used', msg: 'Invalid Refresh Token: Already Used' }],
    },
  ),
  twitch: fixture({ provider: 'twitch', ...confidential }, 'https://id.twitch.tv/oauth2/token', {
    authentication: 'post',
    tokens: (n) => ({
      access_token: `A${n}`,
      refresh_token: `R${n}`,
      expires_in: 14_000,
      scope: ['a:read', 'b:read'],
      token_type: 'bearer',
    }),
    dead: [400, { status: 400, message: 'Invalid refresh token' }],
  }),
  xero: fixture({ provider: 'xero', ...confidential }, 'https://identity.xero.com/connect/token', {
    lostAnswer: 'again',
  }),
  zoom: fixture({ provider: 'zoom', ...confidential }, 'https://zoom.us/oauth/token', {
    dead: [400, { code: 4741, message: 'The token has been revoked.' }],
    clientRefused: [400, { code: 4702, message: 'Invalid client.' }],
  }),
  ...lastingFixtures,
}
