import { describe, expect, test } from 'vitest'
import { endpoint, form, html, type Row, tokens } from './answers.ts'
import { refresh } from './calls.ts'

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
