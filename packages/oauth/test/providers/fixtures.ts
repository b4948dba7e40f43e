import type { ProviderName, RefreshTokenGrantOptions } from '@tokenflight/oauth'

/** How one provider is documented to behave, in literals of its own: nothing here is read from the profiles. */
export interface Fixture {
  /** What completes the options. */
  options: RefreshTokenGrantOptions
  /** The URL that refreshes go to. */
  endpoint: string
  format: 'form' | 'json' | 'query'
  authentication: 'basic' | 'post' | 'none'
  /** Parameters next to the refresh token and the client's own. */
  parameters: Record<string, string>
  headers: Record<string, string>
  /** Whether an answer brings a new refresh token. */
  rotates: boolean
  /** The answer to the n-th refresh. */
  tokens: (n: number) => Record<string, unknown>
  /** What becomes of a token whose answer was lost: it stays good, works once more for a while, or presenting it does harm. */
  lostAnswer: 'always' | 'again' | 'harm'
  dead: Answer
  throttled: Answer
  clientRefused?: Answer
}

export type Answer = [status: number, body: unknown, headers?: Record<string, string>]

type Told = Partial<Omit<Fixture, 'options' | 'endpoint'>>

// RFC 6749 and RFC 6585, where the provider has no habits, or none that are known.
const dead: Answer = [400, { error: 'invalid_grant' }]
const throttled: Answer = [429, {}, { 'retry-after': '7' }]

const client = { clientId: 'client-1' }
const confidential = { ...client, clientSecret: 's3cret-of-the-client' }

function fixture(options: RefreshTokenGrantOptions, endpoint: string, told: Told): Fixture {
  const rotates = told.rotates ?? true
  return {
    options,
    endpoint,
    format: 'form',
    authentication: 'basic',
    parameters: { grant_type: 'refresh_token' },
    headers: { accept: 'application/json' },
    rotates,
    tokens: (n) => ({
      access_token: `A${n}`,
      token_type: 'Bearer',
      expires_in: 3600,
      ...(rotates && { refresh_token: `R${n}` }),
    }),
    lostAnswer: 'harm',
    dead,
    throttled,
    ...told,
  }
}

export const fixtures: Record<ProviderName, Fixture> = {
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
  cognito: fixture(
    { provider: 'cognito', domain: 'acme.auth.eu-west-1.amazoncognito.com', ...confidential },
    'https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token',
    {
      rotates: false,
      tokens: (n) => ({ id_token: 'i', access_token: `A${n}`, expires_in: 3600, token_type: 'Bearer' }),
    },
  ),
  discord: fixture({ provider: 'discord', ...confidential }, 'https://discord.com/api/oauth2/token', {
    dead: [400, { error: 'invalid_grant', error_description: 'Invalid "refresh_token" in request' }],
  }),
  docusign: fixture({ provider: 'docusign', ...confidential }, 'https://account.docusign.com/oauth/token', {}),
  dropbox: fixture({ provider: 'dropbox', ...confidential }, 'https://api.dropboxapi.com/oauth2/token', {
    authentication: 'post',
    rotates: false,
    lostAnswer: 'always',
    tokens: (n) => ({ access_token: `A${n}`, token_type: 'bearer', expires_in: 14_400 }),
  }),
  entra: fixture(
    { provider: 'entra', tenant: 'organizations', ...confidential },
    'https://login.microsoftonline.com/organizations/oauth2/v2.0/token',
    {
      authentication: 'post',
      lostAnswer: 'always',
      dead: [400, { error: 'interaction_required', suberror: 'bad_token', error_codes: [50_173], trace_id: 't' }],
    },
  ),
  figma: fixture({ provider: 'figma', ...confidential }, 'https://api.figma.com/v1/oauth/refresh', {
    parameters: {},
    rotates: false,
    lostAnswer: 'always',
  }),
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
  spotify: fixture({ provider: 'spotify', ...confidential }, 'https://accounts.spotify.com/api/token', {
    rotates: false,
    dead: [400, { error: 'invalid_grant', error_description: 'Refresh token revoked' }],
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
  zoom: fixture({ provider: 'zoom', ...confidential }, 'https://zoom.us/oauth/token', {
    dead: [400, { code: 4741, message: 'The token has been revoked.' }],
    clientRefused: [400, { code: 4702, message: 'Invalid client.' }],
  }),
}
