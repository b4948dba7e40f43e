import {
  type AuthorizationServer,
  type ResourceServer,
  type ResourceServerOptions,
  type SignInOptions,
  startAuthorizationServer,
} from '@tokenflight/testing'
import { createTokenManager, refreshTokenGrant, type TokenManager } from 'tokenflight'
import { onTestFinished } from 'vitest'
import type { Transport } from '../adapters/fixtures/index.ts'
import { openApi } from '../adapters/scene.ts'

export interface Stage {
  server: AuthorizationServer
  api: ResourceServer
  tokens: TokenManager
  /** Of the signed-in user. */
  accessToken: string
}

/** A rotating authorization server, an API behind it, and a manager that has signed in; closed when the test ends. */
export async function openStage(
  signIn: SignInOptions = {},
  options: ResourceServerOptions = {},
  overrides: { coolDown?: number; fetch?: typeof globalThis.fetch; transport?: Transport } = {},
): Promise<Stage> {
  const server = await startAuthorizationServer()
  onTestFinished(() => server.close())
  const { coolDown, fetch = globalThis.fetch, transport = 'http' } = overrides
  const api = await openApi({ authorizationServer: server, ...options }, transport)
  const tokens = createTokenManager({
    grant: refreshTokenGrant({ tokenEndpoint: server.tokenEndpoint, clientId: 'app', fetch }),
    coolDown,
  })
  onTestFinished(() => tokens.close())
  const answer = await server.signIn(signIn)
  await tokens.setTokens(answer)
  return { server, api, tokens, accessToken: answer.access_token }
}

export async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing',
    (error: unknown) => error,
  )
}
