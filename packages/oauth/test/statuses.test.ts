import { describe, expect, test } from 'vitest'
import { endpoint, expectFailure, type Failure, form, html, page, tokens } from './answers.ts'
import { failureOf, refresh } from './calls.ts'
import { serve } from './token-endpoint-server.ts'

const failures: Failure[] = [
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
  test.each(failures)('$who', async (...failure) => expectFailure(...failure))
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
