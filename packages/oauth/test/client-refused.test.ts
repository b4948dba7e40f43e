import { classifyAnswer } from '@tokenflight/oauth'
import { describe, expect, test } from 'vitest'

const classify = (status: number, body: unknown) => classifyAnswer({ status, body: JSON.stringify(body) })

describe('R14 an answer that refuses the client itself says so, in whatever word', () => {
  test.each<[string, number, unknown, string]>([
    ['RFC 6749', 401, { error: 'invalid_client' }, 'invalid_client'],
    ['with 400', 400, { error: 'invalid_client' }, 'invalid_client'],
    ['Zoho, with 200', 200, { error: 'invalid_client' }, 'invalid_client'],
    ['GitHub', 200, { error: 'incorrect_client_credentials' }, 'incorrect_client_credentials'],
    ['Slack', 200, { ok: false, error: 'bad_client_secret' }, 'bad_client_secret'],
    ['Slack, the id', 200, { ok: false, error: 'invalid_client_id' }, 'invalid_client_id'],
    ['Keycloak', 401, { error: 'unauthorized_client' }, 'unauthorized_client'],
  ])('%s: the word is kept', (_, status, body, error) => {
    expect(classify(status, body)).toEqual({ outcome: 'refused', status, error, clientAuthenticationFailed: true })
  })

  test.each<[string, number, unknown]>([
    ['a client that may not use this grant', 400, { error: 'unauthorized_client' }],
    ['a refresh token that is dead', 401, { error: 'invalid_grant' }],
    ['a scope that it does not know', 400, { error: 'invalid_scope' }],
    ['too many requests', 429, { error: 'invalid_client' }],
    ['nothing in particular', 401, {}],
    ['a server that broke down meanwhile', 500, { error: 'invalid_client' }],
    ['a gateway that repeats it', 502, { error: 'invalid_client' }],
    ['a second word behind another', 400, { error: 'upstream_failed', reason: 'invalid_client' }],
    ['a refusal that brings a token all the same', 200, { error: 'invalid_client', refresh_token: 'R1' }],
    ['a refusal with an access token', 401, { error: 'invalid_client', access_token: 'A1' }],
    ['a list behind another word', 400, { code: 'half_done', errors: [{ errorCode: 'invalid_client' }] }],
  ])('%s is something else', (_, status, body) => {
    expect(classify(status, body)).not.toHaveProperty('clientAuthenticationFailed')
  })
})
