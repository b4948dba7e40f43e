import { createTokenManager } from '@tokenflight/core'
import { clientCredentialsGrant, createDpop, refreshTokenGrant } from '@tokenflight/oauth'
import { createClock } from '@tokenflight/testing'
import { describe, expect, test } from 'vitest'
import { failureOf, stored } from './calls.ts'
import { json, serve } from './token-endpoint-server.ts'

const tokens = { access_token: 'A1', refresh_token: 'R1', token_type: 'DPoP', expires_in: 3600 }
const { signal } = new AbortController()

describe('S4 whoever may have been taken for dead sends nothing', () => {
  test('not with the nonce either that the server has asked for', async () => {
    let holds = true
    const server = await serve((response) => {
      holds = false
      response.setHeader('dpop-nonce', 'n1')
      json(response, 400, { error: 'use_dpop_nonce' })
    })
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', dpop: createDpop() })
    const failure = await failureOf(grant({ previous: stored('R0'), signal, holdsClaim: () => holds }))
    expect(failure.outcome).toBe('not_sent')
    expect(server.requests).toHaveLength(1)
  })

  test.each([
    ['a refresh', refreshTokenGrant],
    ['client credentials', clientCredentialsGrant],
  ])('not the first request of %s, where its secret took too long', async (_, grantOf) => {
    const server = await serve((response) => json(response, 200, tokens))
    let holds = true
    const clientSecret = async () => {
      holds = false
      return 'canary-secret'
    }
    const grant = grantOf({ tokenEndpoint: server.url, clientId: 'app', clientSecret })
    const failure = await failureOf(grant({ previous: stored('R0'), signal, holdsClaim: () => holds }))
    expect(failure.outcome).toBe('not_sent')
    expect(failure.message).toMatch(/took so long .* clientSecret/)
    expect(server.requests).toEqual([])
  })

  test('a process that was stopped while it read its secret looks at the store before it presents the refresh token', async () => {
    const server = await serve((response) => json(response, 200, { ...tokens, token_type: 'Bearer' }))
    const clock = createClock()
    let stalls = 1
    const clientSecret = () => {
      // Past half of the time after which others take its claim over.
      if (stalls-- > 0) clock.stall(9_000)
      return 's'
    }
    const seen: string[] = []
    const manager = createTokenManager({
      grant: refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', clientSecret }),
      timing: clock,
      retryFor: 0,
      onEvent: ({ type }) => void seen.push(type),
    })
    await manager.setTokens({ access_token: 'A0', refresh_token: 'R0', expires_in: 60 })
    await clock.advance(60_000)
    await expect(manager.getAccessToken()).rejects.toMatchObject({ code: 'temporarily_unavailable', retryable: true })
    expect(server.requests).toEqual([])
    await clock.advance(60_000)
    expect((await manager.getAccessToken()).accessToken).toBe('A1')
    expect(server.requests).toHaveLength(1)
    await manager.close()
  })
})

test('R8 an answer that asks for nothing readable is not taken for a request that was never sent', async () => {
  const server = await serve((response) => {
    response.setHeader('dpop-nonce', 'n1')
    json(response, 500, { error: 'server_error' })
  })
  const reading: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    await response.text()
    return response
  }
  const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', dpop: createDpop(), fetch: reading })
  expect((await failureOf(grant({ previous: stored('R0'), signal }))).outcome).toBe('unknown')
  expect(server.requests).toHaveLength(1)
})

test('P1 a DPoP key that no platform can import costs no refresh token: nothing was sent', async () => {
  const server = await serve((response) => json(response, 200, tokens))
  const dpop = createDpop({ key: { kty: 'EC', crv: 'P-256', x: 'canary', y: 'canary', d: 'canary' } })
  const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', dpop })
  const failure = await failureOf(grant({ previous: stored('R0'), signal }))
  expect(failure.outcome).toBe('not_sent')
  expect(`${failure.message}${failure.stack}`).not.toContain('canary')
  expect(server.requests).toEqual([])
})
