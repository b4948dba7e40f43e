import type { GrantOutcome } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { expect } from 'vitest'
import { failureOf, refresh } from './calls.ts'
import { serve } from './token-endpoint-server.ts'

export interface Row {
  who: string
  status: number
  body: unknown
  type?: string
  headers?: Record<string, string>
}

export const form = 'application/x-www-form-urlencoded'
export const html = 'text/html; charset=utf-8'
export const page =
  '<!DOCTYPE html><html><head><title>Error</title></head><body>error=invalid_grant access_token=abc</body></html>'

/** Answers over a real connection; objects are sent as JSON, text as it is. */
export async function endpoint({ status, body, type = 'application/json', headers = {} }: Row) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const server = await serve((response) => {
    response.writeHead(status, type === '' ? headers : { 'content-type': type, ...headers }).end(text)
  })
  const grant = refreshTokenGrant({ tokenEndpoint: `${server.url}/token`, clientId: 'app' })
  return { server, grant }
}

export const tokens = { access_token: 'A1', refresh_token: 'R1' }

/** What a refresh that is answered so must fail with, after one request. */
export type Failure = [row: Row, outcome: GrantOutcome, error: string | undefined]

export async function expectFailure(...[row, outcome, error]: Failure): Promise<void> {
  const { grant, server } = await endpoint(row)
  const failure = await failureOf(refresh(grant))
  expect(failure.outcome).toBe(outcome)
  expect(failure.error).toBe(error)
  expect(failure.status).toBe(row.status)
  expect(failure.message).not.toContain('undefined')
  expect(server.requests).toHaveLength(1)
}
