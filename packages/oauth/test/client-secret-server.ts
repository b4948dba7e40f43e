import { type ClientSecret, refreshTokenGrant } from '@tokenflight/oauth'
import { type AuthorizationServer, startAuthorizationServer } from '@tokenflight/testing'
import { onTestFinished } from 'vitest'
import { json, serve } from './token-endpoint-server.ts'

export async function serverWith(...secrets: string[]): Promise<AuthorizationServer> {
  const server = await startAuthorizationServer({ clients: { app: { secrets } } })
  onTestFinished(() => server.close())
  return server
}

export const grantAt = ({ tokenEndpoint }: { tokenEndpoint: string }, clientSecret: ClientSecret) =>
  refreshTokenGrant({ tokenEndpoint, clientId: 'app', clientSecret })

/** How each request so far ended. */
export const outcomes = ({ requests }: AuthorizationServer) => requests.map(({ outcome }) => outcome)

/** Answers by the secret that comes with the request, and notes it. */
export async function secretServer(answer: (secret: string) => [status: number, body: unknown] | undefined) {
  const secrets: string[] = []
  const server = await serve((response, { body }) => {
    const secret = body.get('client_secret') ?? ''
    secrets.push(secret)
    const said = answer(secret)
    if (said === undefined) response.socket?.resetAndDestroy()
    else json(response, ...said)
  })
  const grantWith = (clientSecret: ClientSecret) =>
    refreshTokenGrant({
      tokenEndpoint: server.url,
      clientId: 'app',
      clientSecret,
      clientAuthentication: 'client_secret_post',
    })
  return { ...server, secrets, grantWith }
}

export const refused: [number, unknown] = [401, { error: 'invalid_client' }]
export const tokens: [number, unknown] = [200, { access_token: 'A1', refresh_token: 'R1' }]
