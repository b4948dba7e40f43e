import { createTokenManager, forScope } from '@tokenflight/core'
import { describe, expect, test } from 'vitest'
import { endpoint, expectFailure, type Failure, form } from './answers.ts'
import { failureOf, refresh } from './calls.ts'

const failures: Failure[] = [
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
]

describe('R9 an answer is read by its body, not by its status', () => {
  test.each(failures)('$who', async (...failure) => expectFailure(...failure))
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
