import { GrantError, type TokenResponse } from '@tokenflight/core'
import {
  type AuthorizationServer,
  allowInsecureRequests,
  type CustomFetchOptions,
  customFetch,
  genericTokenEndpointRequest,
} from 'oauth4webapi'
import { readAnswer } from './answer.ts'
import { type AnswerContext, type ClassifiedAnswer, classifyAnswer } from './classify.ts'
import type { Authentication, RequestLimits } from './client-secret-rotation.ts'
import { classifyFailure } from './failures.ts'
import { noAnswer, noTokens, notSent } from './grant-errors.ts'
import { encodeRequest } from './request-shape.ts'
import type { TokenClient } from './token-client.ts'
import { givenUp, grownOld } from './until-aborted.ts'
import { withoutBearer } from './without-bearer.ts'

/**
 * ONE request that the token endpoint looks at: another follows only where it has refused the client's secret, and with it to look
 * at anything else (see client-secret-rotation.ts), or has asked for a nonce before it would (see dpop-token-request.ts).
 *
 * @throws GrantError Always one; its outcome says whether the grant may have been spent.
 */
export async function requestTokens(
  client: TokenClient,
  grantType: string,
  parameters: Readonly<Record<string, string>>,
  limits: Limits,
): Promise<TokenResponse> {
  const { signal } = limits
  if (signal.aborted) throw givenUp()
  const server = await client.server(signal)
  const { answer, tried } = await client.authenticate(
    (authentication) => sendTokenRequest(client, server, authentication, grantType, parameters, limits),
    limits,
  )
  if (answer.outcome === 'tokens') return answer.tokens
  throw noTokens(answer, tried)
}

/**
 * oauth4webapi authenticates the client, builds the request and sends it; the answer is read here, because a library that validates
 * before it hands over would lose a rotated refresh token (case R2).
 */
async function sendTokenRequest(
  client: TokenClient,
  server: AuthorizationServer,
  { apply, secrets }: Authentication,
  grantType: string,
  parameters: Readonly<Record<string, string>>,
  { signal, holdsClaim = () => true, previous }: Limits,
): Promise<ClassifiedAnswer> {
  const spoken = new Set(secrets)
  // Called on its own: the global fetch of browsers refuses to be anybody's method.
  const { fetch, sendProven } = client
  let left = false

  const send = (url: string, init: Request) => {
    if (signal.aborted) throw givenUp()
    // Whatever came before may have taken long: a secret's vault, discovery, a first answer that asked for a nonce.
    if (!holdsClaim()) throw grownOld()
    for (const secret of secretsOf(client, init)) spoken.add(secret)
    left = true
    const encoded = encodeRequest(client.provider?.request, url, init)
    return fetch(encoded.url, { ...encoded.init, signal, ...withoutBearer })
  }

  const request = async (headers: Readonly<Record<string, string>>) => {
    const response = await genericTokenEndpointRequest(
      server,
      { client_id: client.clientId },
      apply,
      grantType,
      { ...client.parameters, ...parameters },
      { headers: { ...client.headers, ...headers }, [customFetch]: send, [allowInsecureRequests]: true },
    )
    left = false
    return response
  }

  let response: Response
  try {
    response = await (sendProven?.(server.token_endpoint ?? '', request) ?? request({}))
  } catch (thrown) {
    if (left) throw noAnswer(classifyFailure(thrown))
    throw thrown instanceof GrantError ? thrown : notSent('it could not be built. Check privateKey and its algorithm')
  }
  return classifyAnswer(await readAnswer(response), [...spoken], { provider: client.provider, previous })
}

/** `previous`: the tokens that are being refreshed. */
type Limits = RequestLimits & Pick<AnswerContext, 'previous'>

type Request = CustomFetchOptions<'POST', URLSearchParams>

/** What an answer must not be able to smuggle into an error. */
function secretsOf(client: TokenClient, { headers, body }: Request): string[] {
  const named = ['refresh_token', 'client_secret', 'client_assertion'].map((name) => body.get(name) ?? '')
  const credentials = headers['authorization']?.split(' ').slice(1) ?? []
  // Short values of the caller's own are words (`audience`), which a code may well repeat.
  const { scope: _, ...parameters } = client.parameters
  const own = Object.values({ ...parameters, ...client.headers }).filter((value) => value.length >= 16)
  return [...named, ...credentials, ...own]
}
