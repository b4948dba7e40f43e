import type { TokenRecord } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type ResourceServer,
  startAuthorizationServer,
  startResourceServer,
} from '@tokenflight/testing'
import { type Crew, type OnTestFinished, openCrew } from './crew.ts'
import type { Outcome } from './messages.ts'
import { storeSignIn } from './sign-in.ts'

/** A strict authorization server, an API that asks it about tokens, and a credential file with a sign-in that both call expired. */
export interface Scene extends Crew {
  readonly server: AuthorizationServer
  readonly api: ResourceServer
  /** The refresh token of the sign-in, and its grant. */
  readonly first: { refreshToken: string; grantId: string }
  /** What is stored, as the store itself reads it. */
  stored(): Promise<TokenRecord | undefined>
  /** A new sign-in, stored. */
  signIn(): Promise<void>
  /** How often the first refresh token was presented. */
  presentations(): number
}

export async function openScene(
  onTestFinished: OnTestFinished,
  options: AuthorizationServerOptions = {},
): Promise<Scene> {
  const server = await startAuthorizationServer(options)
  onTestFinished(() => server.close())
  const api = await startResourceServer({ authorizationServer: server })
  onTestFinished(() => api.close())
  const secrets = () =>
    server
      .state()
      .grants.flatMap(({ refreshTokens, accessTokens }) => [
        ...refreshTokens.map(({ token }) => token),
        ...accessTokens.map(({ token }) => token),
      ])
  const { tokenEndpoint } = server
  const crew = await openCrew(onTestFinished, { tokenEndpoint, api: api.url, clientId: 'app' }, secrets)

  const store = fileStore(crew.path)
  const first = await server.signIn({ expired: true, expiresIn: 0.001 })
  await storeSignIn(crew.path, first)
  const refreshToken = first.refresh_token ?? ''

  return {
    ...crew,
    server,
    api,
    first: { refreshToken, grantId: server.grantOf(refreshToken) ?? '' },
    stored: async () => (await store.read('default')).record,
    async signIn() {
      await storeSignIn(crew.path, await server.signIn({ expired: true, expiresIn: 0.001 }))
    },
    presentations: () => server.presentations(refreshToken).length,
  }
}

/** The tokens, or for whoever failed the code of the error. */
export function told(outcomes: readonly Outcome[]): string[] {
  return outcomes.map((outcome) => ('token' in outcome ? outcome.token : outcome.code))
}
