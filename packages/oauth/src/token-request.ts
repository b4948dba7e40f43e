import { GrantError, type TokenResponse } from '@tokenflight/core'
import { allowInsecureRequests, type CustomFetchOptions, customFetch, genericTokenEndpointRequest } from 'oauth4webapi'
import { readAnswer } from './answer.ts'
import { classifyAnswer } from './classify.ts'
import { classifyFailure } from './failures.ts'
import { noAnswer, noTokens, notSent } from './grant-errors.ts'
import type { TokenClient } from './token-client.ts'
import { givenUp, untilAborted } from './until-aborted.ts'
import { withoutBearer } from './without-bearer.ts'

/**
 * ONE request to the token endpoint. oauth4webapi authenticates the client, builds the request and sends it; the answer is read
 * here, because a library that validates before it hands over would lose a rotated refresh token (case R2).
 *
 * @throws GrantError Always one; its outcome says whether the grant may have been spent.
 */
export async function requestTokens(
  client: TokenClient,
  grantType: string,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<TokenResponse> {
  if (signal.aborted) throw givenUp()
  const server = await client.server(signal)
  const { apply, secrets } = await untilAborted(client.authenticate(), signal)
  const spoken = new Set(secrets)
  // Called on its own: the global fetch of browsers refuses to be anybody's method.
  const { fetch } = client
  let left = false

  const send = (url: string, init: Request) => {
    if (signal.aborted) throw givenUp()
    for (const secret of secretsOf(client, init)) spoken.add(secret)
    left = true
    return fetch(url, { ...init, signal, ...withoutBearer })
  }

  let response: Response
  try {
    response = await genericTokenEndpointRequest(
      server,
      { client_id: client.clientId },
      apply,
      grantType,
      { ...client.parameters, ...parameters },
      { headers: client.headers, [customFetch]: send, [allowInsecureRequests]: true },
    )
  } catch (thrown) {
    if (left) throw noAnswer(classifyFailure(thrown))
    throw thrown instanceof GrantError ? thrown : notSent('it could not be built. Check privateKey and its algorithm')
  }
  const result = classifyAnswer(await readAnswer(response), [...spoken])
  if (result.outcome === 'tokens') return result.tokens
  throw noTokens(result)
}

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
