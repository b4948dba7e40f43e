import { defineRevoke, GrantError, type Revoke } from '@tokenflight/core'
import { type AuthorizationServer, allowInsecureRequests, customFetch, revocationRequest } from 'oauth4webapi'
import { readAnswer } from './answer.ts'
import { type AnsweredWithoutTokens, classifyAnswer } from './classify.ts'
import type { ClientOptions } from './client-options.ts'
import type { Authentication } from './client-secret-rotation.ts'
import { endpointProblem } from './endpoint-url.ts'
import { classifyFailure } from './failures.ts'
import { invalidOption } from './invalid-option.ts'
import { checkProfile } from './providers/check-profile.ts'
import type { ProviderProfile } from './providers/provider-profile.ts'
import type { ProviderName } from './providers/providers.ts'
import { inAttempts } from './revocation-attempts.ts'
import { noRevocationEndpoint, notRevoked, revocationNotAnswered, revocationNotSent } from './revocation-errors.ts'
import { type TokenClient, tokenClient } from './token-client.ts'
import { withoutBearer } from './without-bearer.ts'

/** The options of the grant, so that one object serves both. `scope` and `parameters` are not sent. */
export type RevocationOptions<Provider extends ProviderName | ProviderProfile = ProviderName | ProviderProfile> =
  ClientOptions<Provider> & {
    /** Needed where there is no `issuer`, whose metadata names it. */
    revocationEndpoint?: string | URL
  }

type Hint = 'refresh_token' | 'access_token'
type Answer = { outcome: 'revoked' } | AnsweredWithoutTokens

/**
 * Ends tokens at the authorization server (RFC 7009), for the option `revoke` of a token manager. First the refresh token, which should
 * end the whole grant, then the access token, for servers where it does not. A token that the server does not know is as good as
 * revoked.
 *
 * Knows providers by their profiles only; `revocation` knows their names as well.
 *
 * @throws TokenError `invalid_option`, at set-up. The function itself throws GrantError.
 */
export function leanRevocation(options: RevocationOptions<ProviderProfile>): Revoke {
  return revocationAt(checkProfile(options), options)
}

/** @throws TokenError `invalid_option` */
export function revocationAt(provider: ProviderProfile | undefined, options: RevocationOptions): Revoke {
  const client = tokenClient(options, provider, 'refresh_token')
  const { revocationEndpoint, allowInsecureRequests = false } = options
  if (revocationEndpoint === undefined && options.issuer === undefined)
    throw invalidOption('revocationEndpoint', 'is needed where there is no issuer whose metadata names it')
  const problem =
    revocationEndpoint === undefined ? undefined : endpointProblem(revocationEndpoint, allowInsecureRequests)
  if (problem !== undefined) throw invalidOption('revocationEndpoint', problem)
  const given = revocationEndpoint && new URL(revocationEndpoint).href

  return defineRevoke(({ tokens: { refreshToken, accessToken }, signal }) =>
    inAttempts(signal, async () => {
      const server = await endpoint(client, given, allowInsecureRequests, signal)
      if (refreshToken !== undefined && refreshToken !== '')
        await revokeToken(client, server, refreshToken, 'refresh_token', signal)
      try {
        await revokeToken(client, server, accessToken, 'access_token', signal)
      } catch (thrown) {
        // Access tokens that nobody looks up, such as JWTs, end by themselves.
        if (!isUnsupported(thrown) || refreshToken === undefined) throw thrown
      }
    }),
  )
}

async function endpoint(
  client: TokenClient,
  given: string | undefined,
  allowInsecureRequests: boolean,
  signal: AbortSignal,
): Promise<AuthorizationServer> {
  const server = await client.server(signal)
  const revocation_endpoint = given ?? server.revocation_endpoint
  if (revocation_endpoint === undefined || endpointProblem(revocation_endpoint, allowInsecureRequests) !== undefined)
    throw noRevocationEndpoint()
  return { ...server, revocation_endpoint }
}

async function revokeToken(
  client: TokenClient,
  server: AuthorizationServer,
  token: string,
  hint: Hint,
  signal: AbortSignal,
): Promise<void> {
  const { answer, tried } = await client.authenticate(
    (authentication) => sendRevocation(client, server, authentication, token, hint, signal),
    { signal },
  )
  if (answer.outcome !== 'revoked') throw notRevoked(answer, tried)
}

async function sendRevocation(
  client: TokenClient,
  server: AuthorizationServer,
  { apply, secrets }: Authentication,
  token: string,
  hint: Hint,
  signal: AbortSignal,
): Promise<Answer> {
  const { fetch } = client
  const spoken = [token, ...secrets, ...Object.values(client.headers)]
  let left = false
  let response: Response
  try {
    response = await revocationRequest(server, { client_id: client.clientId }, apply, token, {
      additionalParameters: { token_type_hint: hint },
      headers: { accept: 'application/json', ...client.headers },
      [customFetch]: (url, init) => {
        if (signal.aborted) throw revocationNotSent('it was given up')
        spoken.push(init.body.get('client_assertion') ?? '', init.headers['authorization']?.split(' ').at(-1) ?? '')
        left = true
        return fetch(url, { ...init, signal, ...withoutBearer })
      },
      [allowInsecureRequests]: true,
    })
  } catch (thrown) {
    if (left) throw revocationNotAnswered(classifyFailure(thrown))
    throw thrown instanceof GrantError ? thrown : revocationNotSent('it could not be built')
  }
  if (response.ok) {
    // RFC 7009 section 2.2: the status says all.
    await response.body?.cancel().catch(() => {})
    return { outcome: 'revoked' }
  }
  const answer = classifyAnswer(await readAnswer(response), spoken)
  // Not tokens: it has no 2xx. And some servers say that the token is dead already, where RFC 7009 would have them say 200.
  return answer.outcome === 'tokens' || answer.error === 'invalid_token' ? { outcome: 'revoked' } : answer
}

function isUnsupported(thrown: unknown): boolean {
  return thrown instanceof Error && 'error' in thrown && thrown.error === 'unsupported_token_type'
}
