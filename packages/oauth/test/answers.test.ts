import { createTokenManager, forScope, type GrantOutcome } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'
import { failureOf, refresh } from './calls.ts'
import { serve } from './token-endpoint-server.ts'

interface Row {
  who: string
  status: number
  body: unknown
  type?: string
  headers?: Record<string, string>
}

const form = 'application/x-www-form-urlencoded'
const html = 'text/html; charset=utf-8'
const page =
  '<!DOCTYPE html><html><head><title>Error</title></head><body>error=invalid_grant access_token=abc</body></html>'

/** Answers over a real connection; objects are sent as JSON, text as it is. */
async function endpoint({ status, body, type = 'application/json', headers = {} }: Row) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const server = await serve((response) => {
    response.writeHead(status, type === '' ? headers : { 'content-type': type, ...headers }).end(text)
  })
  const grant = refreshTokenGrant({ tokenEndpoint: `${server.url}/token`, clientId: 'app' })
  return { server, grant }
}

const tokens = { access_token: 'A1', refresh_token: 'R1' }

const usable: [Row, Record<string, unknown>][] = [
  [
    { who: 'RFC 6749 section 5.1', status: 200, body: { ...tokens, token_type: 'Bearer', expires_in: 3600 } },
    { ...tokens, expires_in: 3600 },
  ],
  [{ who: 'a server that names no token_type', status: 200, body: tokens }, tokens],
  [{ who: 'a server that calls JSON text/html', status: 200, type: html, body: tokens }, tokens],
  [{ who: 'a server that sends no content type', status: 200, type: '', body: tokens }, tokens],
  [
    { who: 'a server that starts JSON with a byte order mark', status: 200, body: `\ufeff${JSON.stringify(tokens)}` },
    tokens,
  ],
  [
    { who: 'a server whose id_token is no JWT', status: 200, body: { ...tokens, id_token: 'nonsense' } },
    { ...tokens, id_token: 'nonsense' },
  ],
  [
    { who: 'expires_in as a string', status: 200, body: { ...tokens, expires_in: '3600' } },
    { ...tokens, expires_in: '3600' },
  ],
  [
    { who: 'expires_in as nonsense', status: 200, body: { ...tokens, expires_in: 'soon' } },
    { ...tokens, expires_in: 'soon' },
  ],
  [{ who: 'Square, an ISO expires_at', status: 200, body: { ...tokens, expires_at: '2026-01-01T00:00:00Z' } }, tokens],
  [
    { who: 'Twitch, scope as an array', status: 200, body: { ...tokens, scope: ['a', 'b'] } },
    { ...tokens, scope: ['a', 'b'] },
  ],
  [
    { who: 'Notion, refresh_token null', status: 200, body: { access_token: 'A1', refresh_token: null } },
    { access_token: 'A1', refresh_token: null },
  ],
  [{ who: 'Google, no refresh_token', status: 200, body: { access_token: 'A1' } }, { access_token: 'A1' }],
  [
    { who: 'Slack, ok:true', status: 200, body: { ok: true, ...tokens } },
    { ok: true, ...tokens },
  ],
  [{ who: 'a server that adds an empty error', status: 200, body: { ...tokens, error: '' } }, tokens],
  [{ who: 'a server that answers 201', status: 201, body: tokens }, tokens],
  [
    {
      who: 'GitHub without Accept, a form',
      status: 200,
      type: form,
      body: 'access_token=A1&expires_in=28800&refresh_token=R1&scope=&token_type=bearer',
    },
    { ...tokens, expires_in: '28800' },
  ],
  [
    {
      who: 'a form with unencoded spaces',
      status: 200,
      type: `${form}; charset=utf-8`,
      body: 'access_token=A1&refresh_token=R1&scope=a b',
    },
    { ...tokens, scope: 'a b' },
  ],
  [
    { who: 'a form called text/plain', status: 200, type: 'text/plain', body: 'access_token=A1&refresh_token=R1\n' },
    tokens,
  ],
]

describe('R2 what is usable is returned, whatever else is odd', () => {
  test.each(usable)('$who', async (row, expected) => {
    const { grant, server } = await endpoint(row)
    expect(await refresh(grant)).toMatchObject(expected)
    expect(server.requests).toHaveLength(1)
  })
})

const failures: [Row, GrantOutcome, string | undefined][] = [
  // RFC 6749 section 5.2
  [{ who: 'RFC 6749, invalid_grant', status: 400, body: { error: 'invalid_grant' } }, 'rejected', 'invalid_grant'],
  [{ who: 'RFC 6749, invalid_client', status: 401, body: { error: 'invalid_client' } }, 'refused', 'invalid_client'],
  [{ who: 'RFC 6749, invalid_request', status: 400, body: { error: 'invalid_request' } }, 'refused', 'invalid_request'],
  [{ who: 'RFC 6749, invalid_scope', status: 400, body: { error: 'invalid_scope' } }, 'refused', 'invalid_scope'],
  [
    { who: 'RFC 6749, unauthorized_client', status: 400, body: { error: 'unauthorized_client' } },
    'refused',
    'unauthorized_client',
  ],
  [
    { who: 'RFC 6749, unsupported_grant_type', status: 400, body: { error: 'unsupported_grant_type' } },
    'refused',
    'unsupported_grant_type',
  ],
  [{ who: 'RFC 8707, invalid_target', status: 400, body: { error: 'invalid_target' } }, 'refused', 'invalid_target'],
  [
    { who: 'a code of the server`s own (RFC 6749 section 8.5)', status: 400, body: { error: 'unverified_user_email' } },
    'refused',
    'unverified_user_email',
  ],
  // Providers
  [
    {
      who: 'Auth0, 403',
      status: 403,
      body: { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
    },
    'rejected',
    'invalid_grant',
  ],
  [
    { who: 'GitHub, 200 with an error', status: 200, body: { error: 'bad_refresh_token', error_description: '...' } },
    'rejected',
    'bad_refresh_token',
  ],
  [
    {
      who: 'GitHub, a form with an error',
      status: 200,
      type: form,
      body: 'error=bad_refresh_token&error_description=The+refresh+token',
    },
    'rejected',
    'bad_refresh_token',
  ],
  [
    { who: 'GitHub, a wrong secret', status: 200, body: { error: 'incorrect_client_credentials' } },
    'refused',
    'incorrect_client_credentials',
  ],
  // The refresh token may be good for other resources: core is told what is missing, and tells the user.
  [
    {
      who: 'Microsoft Entra ID, consent_required inside invalid_grant',
      status: 400,
      body: { error: 'invalid_grant', suberror: 'consent_required', error_codes: [65_001] },
    },
    'rejected',
    'consent_required',
  ],
  [
    {
      who: 'Microsoft Entra ID, interaction_required inside invalid_grant',
      status: 400,
      body: { error: 'invalid_grant', suberror: 'interaction_required', error_codes: [50_076] },
    },
    'rejected',
    'interaction_required',
  ],
  [
    { who: 'Microsoft Entra ID, bad_token', status: 400, body: { error: 'invalid_grant', suberror: 'bad_token' } },
    'rejected',
    'invalid_grant',
  ],
  [
    {
      who: 'a suberror of something else',
      status: 400,
      body: { error: 'invalid_request', suberror: 'consent_required' },
    },
    'refused',
    'invalid_request',
  ],
  [
    { who: 'Slack, ok:false', status: 200, body: { ok: false, error: 'invalid_refresh_token' } },
    'rejected',
    'invalid_refresh_token',
  ],
  [
    { who: 'Slack, a wrong secret', status: 200, body: { ok: false, error: 'bad_client_secret' } },
    'refused',
    'bad_client_secret',
  ],
  [{ who: 'Slack, an unknown word', status: 200, body: { ok: false, error: 'fatal_error' } }, 'unknown', 'fatal_error'],
  [
    {
      who: 'OpenAI, a nested code',
      status: 401,
      body: { error: { message: '...', type: 'invalid_request_error', param: null, code: 'refresh_token_reused' } },
    },
    'rejected',
    'refresh_token_reused',
  ],
  [
    {
      who: 'Supabase, error_code',
      status: 400,
      body: { code: 400, error_code: 'refresh_token_already_used', msg: '...' },
    },
    'rejected',
    'refresh_token_already_used',
  ],
  [
    { who: 'Supabase, code as a string', status: 400, body: { code: 'refresh_token_not_found', message: '...' } },
    'rejected',
    'refresh_token_not_found',
  ],
  [
    {
      who: 'HubSpot, status',
      status: 400,
      body: { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' },
    },
    'rejected',
    'BAD_REFRESH_TOKEN',
  ],
  [
    {
      who: 'Microsoft Entra ID, interaction_required',
      status: 400,
      body: { error: 'interaction_required', error_codes: [50079] },
    },
    'rejected',
    'interaction_required',
  ],
  [
    { who: 'Microsoft Entra ID, temporarily_unavailable', status: 400, body: { error: 'temporarily_unavailable' } },
    'unavailable',
    'temporarily_unavailable',
  ],
  [{ who: 'Zoho, a dead refresh token', status: 200, body: { error: 'invalid_code' } }, 'rejected', 'invalid_code'],
  [
    { who: 'Anthropic, a throttled client', status: 429, body: { type: 'error', error: { type: 'rate_limit_error' } } },
    'unavailable',
    'rate_limit_error',
  ],
  [
    { who: 'Anthropic, a moved endpoint', status: 404, body: { type: 'error', error: { type: 'not_found_error' } } },
    'refused',
    'not_found_error',
  ],
  [
    { who: 'Cybersource, a 500 for everything', status: 500, body: { error: 'invalid_grant' } },
    'rejected',
    'invalid_grant',
  ],
  [
    { who: 'Fitbit, errors[]', status: 400, body: { errors: [{ errorType: 'invalid_grant', message: '...' }] } },
    'rejected',
    'invalid_grant',
  ],
  [
    { who: 'Salesforce, an array', status: 400, body: [{ errorCode: 'invalid_grant', message: '...' }] },
    'rejected',
    'invalid_grant',
  ],
  [
    { who: 'Square, a type', status: 401, body: { message: 'Invalid refresh token', type: 'service.not_authorized' } },
    'unknown',
    undefined,
  ],
  [
    { who: 'a web framework', status: 400, body: { statusCode: 400, error: 'Bad Request', message: '...' } },
    'unknown',
    undefined,
  ],
  [
    { who: 'a web framework that says 401', status: 401, body: { status: 401, error: 'Unauthorized' } },
    'unknown',
    'Unauthorized',
  ],
  [
    { who: 'a code elsewhere that nobody knows', status: 400, body: { code: 'made_up_code' } },
    'unknown',
    'made_up_code',
  ],
  [{ who: 'a reason', status: 400, body: { reason: 'invalid_grant' } }, 'rejected', 'invalid_grant'],
  [
    { who: 'errors[] with another name', status: 400, body: { errors: [{ errorCode: 'invalid_grant' }] } },
    'rejected',
    'invalid_grant',
  ],
  [
    { who: 'a known code behind an unknown one', status: 400, body: { error: 'failed', code: 'invalid_grant' } },
    'rejected',
    'invalid_grant',
  ],
  [
    { who: 'text with an error somewhere', status: 400, type: 'text/plain', body: 'oops&error=invalid_grant' },
    'unknown',
    undefined,
  ],
  // Patience
  [{ who: 'a limiter without words', status: 429, type: '', body: '' }, 'unavailable', undefined],
  [{ who: 'a limiter with a page', status: 429, type: html, body: page }, 'unavailable', undefined],
  [
    { who: '503 with an OAuth error', status: 503, body: { error: 'temporarily_unavailable' } },
    'unavailable',
    'temporarily_unavailable',
  ],
  [{ who: '503 with server_error', status: 503, body: { error: 'server_error' } }, 'unavailable', 'server_error'],
  [
    { who: '503 with Retry-After', status: 503, type: html, headers: { 'retry-after': '5' }, body: page },
    'unavailable',
    undefined,
  ],
  [
    {
      who: '503 with a Retry-After that is nonsense',
      status: 503,
      type: html,
      headers: { 'retry-after': 'soon' },
      body: page,
    },
    'unknown',
    undefined,
  ],
  [{ who: '503 with a page', status: 503, type: html, body: page }, 'unknown', undefined],
  [
    { who: '503 with JSON that is no OAuth error', status: 503, body: { error: 'Service Unavailable' } },
    'unknown',
    undefined,
  ],
  // Nobody knows
  [{ who: '500 without words', status: 500, type: '', body: '' }, 'unknown', undefined],
  [{ who: '500 with server_error', status: 500, body: { error: 'server_error' } }, 'unknown', 'server_error'],
  [
    { who: '500 with a code of its own', status: 500, body: { error: 'internal_failure' } },
    'unknown',
    'internal_failure',
  ],
  [{ who: '400 with server_error', status: 400, body: { error: 'server_error' } }, 'unknown', 'server_error'],
  [{ who: '502 with a page', status: 502, type: html, body: page }, 'unknown', undefined],
  [
    { who: '502, a gateway`s temporarily_unavailable', status: 502, body: { error: 'temporarily_unavailable' } },
    'unknown',
    'temporarily_unavailable',
  ],
  [
    { who: '504 with Retry-After', status: 504, type: html, headers: { 'retry-after': '5' }, body: page },
    'unknown',
    undefined,
  ],
  [{ who: '400 with a page', status: 400, type: html, body: page }, 'unknown', undefined],
  [{ who: '401 with a page', status: 401, type: html, body: page }, 'unknown', undefined],
  [{ who: '403, a firewall`s page', status: 403, type: html, body: page }, 'unknown', undefined],
  [{ who: '408', status: 408, type: '', body: '' }, 'unknown', undefined],
  // 2xx without an access token
  [{ who: '200, empty', status: 200, type: '', body: '' }, 'unknown', undefined],
  [{ who: '200, a login page', status: 200, type: html, body: page }, 'unknown', undefined],
  [{ who: '200, a page called a form', status: 200, type: form, body: page }, 'unknown', undefined],
  [{ who: '200, an array', status: 200, body: [tokens] }, 'unknown', undefined],
  [{ who: '200, a number', status: 200, body: 7 }, 'unknown', undefined],
  [{ who: '200, null', status: 200, body: null }, 'unknown', undefined],
  [{ who: '200, a string', status: 200, body: '"A1"' }, 'unknown', undefined],
  [{ who: '200, {}', status: 200, body: {} }, 'unknown', undefined],
  [{ who: '200, truncated JSON', status: 200, body: '{"access_token":"A1","refresh_tok' }, 'unknown', undefined],
  [{ who: '200, access_token empty', status: 200, body: { access_token: '', scope: 'a' } }, 'unknown', undefined],
  [{ who: '200, access_token blank', status: 200, body: { access_token: ' ', scope: 'a' } }, 'unknown', undefined],
  [{ who: '200, access_token null', status: 200, body: { access_token: null, scope: 'a' } }, 'unknown', undefined],
  [{ who: '200, access_token a number', status: 200, body: { access_token: 7, scope: 'a' } }, 'unknown', undefined],
  [
    { who: '200, access_token an object', status: 200, body: { access_token: { a: 1 }, scope: 'a' } },
    'unknown',
    undefined,
  ],
  [
    { who: '200, a form with an empty access_token', status: 200, type: form, body: 'access_token=&scope=a' },
    'unknown',
    undefined,
  ],
  [{ who: '204', status: 204, type: '', body: '' }, 'unknown', undefined],
  [{ who: '400 with tokens', status: 400, body: tokens }, 'unknown', undefined],
  // No token endpoint there
  [{ who: '404 with a page', status: 404, type: html, body: page }, 'refused', undefined],
  [{ who: '405', status: 405, type: '', body: '' }, 'refused', undefined],
  [{ who: '410', status: 410, type: '', body: '' }, 'refused', undefined],
]

describe('R9 an answer is read by its body, not by its status', () => {
  test.each(failures)('$who', async (row, outcome, error) => {
    const { grant, server } = await endpoint(row)
    const failure = await failureOf(refresh(grant))
    expect(failure.outcome).toBe(outcome)
    expect(failure.error).toBe(error)
    expect(failure.status).toBe(row.status)
    expect(failure.message).not.toContain('undefined')
    expect(server.requests).toHaveLength(1)
  })
})

describe('R4 consent that is missing for one resource', () => {
  test.each(['invalid_grant', 'consent_required'])(
    'said as %s by Microsoft Entra ID, ends neither the refresh token nor the other resources',
    async (error) => {
      const body = { error, suberror: 'consent_required', error_codes: [65_001] }
      const { grant } = await endpoint({ who: '', status: 400, body })
      const failure = await failureOf(refresh(grant))
      expect(failure.message).toMatch(/consent_required, status 400\)\. The user must consent: sign in again/)
      const manager = createTokenManager({ grant })
      await manager.setTokens({ access_token: 'A0', refresh_token: 'R0', expires_in: 3600 })
      await expect(forScope(manager, 'mail.read').getAccessToken()).rejects.toMatchObject({
        code: 'request_refused',
        error: 'consent_required',
      })
      expect((await manager.getAccessToken()).accessToken).toBe('A0')
      await manager.close()
    },
  )
})

describe('R9 a redirect of the token endpoint is not followed', () => {
  test.each([
    [301, 'refused'],
    [302, 'unknown'],
    [303, 'unknown'],
    [304, 'unknown'],
    [307, 'refused'],
    [308, 'refused'],
  ] as const)('%i is %s', async (status, outcome) => {
    const target = await serve((response) => response.end(JSON.stringify(tokens)))
    const location = `${target.url}/token`
    const { grant, server } = await endpoint({ who: '', status, type: '', headers: { location }, body: '' })
    expect(await failureOf(refresh(grant))).toMatchObject({ outcome, status })
    expect(server.requests).toHaveLength(1)
    expect(target.requests).toHaveLength(0)
  })
})

describe('R7 how long to wait', () => {
  test.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['a date', { 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' }, 30_000],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
  ])('Retry-After in %s', async (_, headers, retryAfter) => {
    const { grant } = await endpoint({ who: '', status: 429, headers, body: {} })
    expect((await failureOf(refresh(grant))).retryAfter).toBe(retryAfter)
  })
})
