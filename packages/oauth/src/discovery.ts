import {
  type AuthorizationServer,
  allowInsecureRequests,
  customFetch,
  discoveryRequest,
  JSON_ATTRIBUTE_COMPARISON,
  processDiscoveryResponse,
} from 'oauth4webapi'
import { readAnswer, type TokenEndpointAnswer } from './answer.ts'
import { endpointProblem } from './endpoint-url.ts'
import { classifyFailure } from './failures.ts'
import { notSent } from './grant-errors.ts'
import { withoutBearer } from './without-bearer.ts'

export interface Transport {
  fetch: typeof globalThis.fetch
  allowInsecureRequests: boolean
}

/**
 * The server's metadata (RFC 8414, OpenID Connect Discovery 1.0), as far as a token request needs it. Whatever goes wrong here is
 * `not_sent`: no refresh token has been presented.
 */
export async function discover(
  issuer: URL,
  algorithm: 'oidc' | 'oauth2',
  transport: Transport,
  signal: AbortSignal,
): Promise<AuthorizationServer> {
  const answer = await fetchMetadata(issuer, algorithm, transport, signal)
  if (answer.status !== 200) {
    const { status, retryAfter } = answer
    const advice = 'Check issuer and algorithm, or give tokenEndpoint'
    throw notSent(`the metadata of the issuer was answered with status ${status}. ${advice}`, { retryAfter })
  }
  const metadata = await readMetadata(issuer, answer.body)
  const problem = namedProblem(metadata.token_endpoint, issuer, transport)
  if (metadata.token_endpoint === undefined || problem !== undefined) {
    throw notSent(`token_endpoint in the metadata of the issuer ${problem}. Check issuer, or give tokenEndpoint`)
  }
  const { issuer: name, token_endpoint, revocation_endpoint } = metadata
  const revocable = namedProblem(revocation_endpoint, issuer, transport) === undefined && { revocation_endpoint }
  return { issuer: name, token_endpoint, ...revocable }
}

/**
 * What is wrong with an endpoint that the metadata names. Another host is right (RFC 8414 section 2 asks for none); http behind an
 * https issuer is not, loopback included: secrets would leave TLS, for a host that the caller has not named.
 */
function namedProblem(endpoint: unknown, issuer: URL, { allowInsecureRequests }: Transport): string | undefined {
  const problem = endpointProblem(endpoint, allowInsecureRequests)
  if (problem !== undefined || allowInsecureRequests || issuer.protocol !== 'https:') return problem
  return new URL(String(endpoint)).protocol === 'https:' ? undefined : 'must use https, as the issuer does'
}

async function fetchMetadata(
  issuer: URL,
  algorithm: 'oidc' | 'oauth2',
  { fetch }: Transport,
  signal: AbortSignal,
): Promise<TokenEndpointAnswer> {
  try {
    const response = await discoveryRequest(issuer, {
      algorithm,
      [customFetch]: (url, { method, headers, redirect }) =>
        fetch(url, { method, headers, redirect, signal, ...withoutBearer }),
      // What may be insecure has been decided where the options were checked.
      [allowInsecureRequests]: true,
    })
    return await readAnswer(response)
  } catch (thrown) {
    const { code } = classifyFailure(thrown)
    const word = code === undefined ? '' : ` (${code})`
    throw notSent(`the metadata of the issuer could not be fetched${word}. Check issuer and the network`)
  }
}

async function readMetadata(issuer: URL, body: string): Promise<AuthorizationServer> {
  try {
    return await processDiscoveryResponse(issuer, new Response(body))
  } catch (thrown) {
    const mismatch = thrown instanceof Error && 'code' in thrown && thrown.code === JSON_ATTRIBUTE_COMPARISON
    throw notSent(
      mismatch
        ? 'the metadata names another issuer (RFC 8414 section 3.3). Write issuer exactly as the server does, or give tokenEndpoint'
        : 'the metadata of the issuer is not readable (RFC 8414 section 3.2). Check issuer and algorithm, or give tokenEndpoint',
    )
  }
}
