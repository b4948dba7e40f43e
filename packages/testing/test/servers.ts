import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type ResourceServer,
  type ResourceServerOptions,
  startAuthorizationServer,
  startResourceServer,
} from '@tokenflight/testing'
import { onTestFinished } from 'vitest'

/** Servers that close with their test. */
export async function authorizationServer(options: AuthorizationServerOptions = {}): Promise<AuthorizationServer> {
  const server = await startAuthorizationServer(options)
  onTestFinished(() => server.close())
  return server
}

export async function resourceServer(options: ResourceServerOptions = {}): Promise<ResourceServer> {
  const server = await startResourceServer(options)
  onTestFinished(() => server.close())
  return server
}
