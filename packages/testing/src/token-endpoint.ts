import { type Answer, json, oauthError } from './answer.ts'
import type { ClientSecrets } from './client-secrets.ts'
import { authenticateClient, type ClientAuthentication, type ClientRegistry } from './clients.ts'
import { type Endpoint, pause, textOf } from './exchange.ts'
import { consumes, type Fault, faultAnswer } from './faults.ts'
import type { Gate } from './gate.ts'
import type { Journal } from './journal.ts'
import { type RotationPolicy, redeem } from './redemption.ts'
import type { TokenRegistry } from './token-registry.ts'
import type { TokenRequest, TokenRequestOutcome } from './token-request.ts'
import { type AnswerPolicy, tokenResponse } from './token-response.ts'

/** Milliseconds of real time, or what decides about them. */
export type Latency = number | ((request: TokenRequest) => number)

export interface TokenEndpointPolicy extends RotationPolicy, AnswerPolicy {
  /** Before the request is processed: on its way. */
  latencyBefore: Latency
  /** After it is processed: the answer's way back. */
  latencyAfter: Latency
}

export interface TokenEndpoint {
  policy: Readonly<TokenEndpointPolicy>
  clients: ClientRegistry
  secrets: ClientSecrets
  registry: TokenRegistry
  journal: Journal<TokenRequest>
  gate: Gate<TokenRequest>
  /** Faults of the next requests, in order of arrival. */
  script: Fault[]
  /** Resolves when hanging requests may go on. */
  hang(): Promise<void>
  clock: () => number
  lifetime: AbortSignal
}

/** The token endpoint. What happens to a request does not depend on whether its client is still there. */
export function createTokenEndpoint(endpoint: TokenEndpoint): Endpoint {
  const { policy, clients, secrets: clientSecrets, journal, gate, script, clock, lifetime } = endpoint

  return async (exchange) => {
    const { method, headers } = exchange
    const body = await exchange.readBody()
    const formEncoded = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')
    const form = new URLSearchParams(formEncoded ? textOf(body) : '')
    const { authorization } = headers
    const record: TokenRequest = {
      number: journal.records.length + 1,
      at: clock(),
      phase: 'arrived',
      ...present('grantType', form.get('grant_type')),
      ...present('clientId', authenticateClient(clients, authorization, form, clock()).clientId),
      ...present('refreshToken', form.get('refresh_token')),
      ...present('scope', form.get('scope')),
      ...present('userAgent', headers['user-agent']),
      ...present('fault', script.shift()),
    }
    const { fault = { fault: 'none' } } = record
    // Taken on arrival, so that a release is never missed on the way to it.
    const hung = fault.fault === 'hang' ? endpoint.hang() : undefined
    const client = exchange.watchClient(() => {
      record.abandoned = true
      journal.changed(record)
    })
    journal.add(record)

    await pause(latency(policy.latencyBefore, record), lifetime)
    await gate.pass('before', record)
    if (!consumes(fault)) await hung
    let real: Answer | undefined
    if (hung !== undefined || consumes(fault)) {
      // Asked again: secrets may have changed while the request was held.
      const client = authenticateClient(clients, authorization, form, clock())
      const processed =
        method === 'POST' && formEncoded
          ? processTokenRequest(endpoint, client, form)
          : malformed('A token request is a form-encoded POST (RFC 6749 section 3.2).')
      real = processed.answer
      record.phase = 'processed'
      record.outcome = processed.outcome
      if (processed.accessToken !== undefined) {
        record.accessToken = processed.accessToken
        if (client.ok) clientSecrets.issued(processed.accessToken, client.secret)
      }
      journal.changed(record)
    }
    await gate.pass('after', record)
    if (consumes(fault)) await hung
    await pause(latency(policy.latencyAfter, record), lifetime)

    const secrets = [record.refreshToken, form.get('client_secret'), authorization].filter((secret) => secret != null)
    const answer = faultAnswer(fault, real, secrets, clock())
    if (answer.delivery !== 'reset') record.status = answer.status
    client.settled()
    record.phase = await exchange.send(answer)
    journal.changed(record)
  }
}

interface Processed {
  outcome: TokenRequestOutcome
  answer: Answer
  accessToken?: string
}

function processTokenRequest(endpoint: TokenEndpoint, client: ClientAuthentication, form: URLSearchParams): Processed {
  const { policy, registry, clock } = endpoint
  // RFC 6749 section 3.2: parameters are not repeated.
  for (const name of form.keys()) if (form.getAll(name).length > 1) return malformed(`${name} is repeated.`)
  if (!client.ok) return { outcome: 'client_refused', answer: clientRefusal(client) }
  const { clientId } = client
  const scope = form.get('scope') ?? undefined

  switch (form.get('grant_type')) {
    case 'client_credentials': {
      if (!client.confidential)
        return { ...malformed('Client credentials need a client secret.', 'unauthorized_client'), outcome: 'refused' }
      const access = registry.issueAccessToken(clientId, scope)
      const answer = json(200, tokenResponse(policy, clock(), { access }))
      return { outcome: 'issued', accessToken: access.token, answer }
    }
    case 'refresh_token': {
      const refreshToken = form.get('refresh_token')
      if (refreshToken === null) return malformed('refresh_token is missing.')
      const redemption = redeem(registry, policy, clock(), { refreshToken, clientId, scope })
      if ('description' in redemption) {
        const error = redemption.outcome === 'scope_refused' ? 'invalid_scope' : 'invalid_grant'
        return { outcome: redemption.outcome, answer: oauthError(400, error, redemption.description) }
      }
      const answer = json(200, tokenResponse(policy, clock(), redemption.pair))
      return { outcome: redemption.outcome, accessToken: redemption.pair.access.token, answer }
    }
    case null:
      return malformed('grant_type is missing.')
    default:
      return malformed('The grant type is not known here.', 'unsupported_grant_type')
  }
}

function malformed(description: string, error = 'invalid_request'): Processed {
  return { outcome: 'malformed', answer: oauthError(400, error, description) }
}

/** RFC 6749 section 5.2: 401 says which authentication would do. */
export function clientRefusal({ error, description }: Extract<ClientAuthentication, { ok: false }>): Answer {
  if (error === 'invalid_request') return oauthError(400, error, description)
  return oauthError(401, error, description, { 'www-authenticate': 'Basic realm="token endpoint"' })
}

function latency(latency: Latency, record: TokenRequest): number {
  return typeof latency === 'number' ? latency : latency(record)
}

function present<K extends string, V>(name: K, value: V | null | undefined): Partial<Record<K, V>> {
  const found: Partial<Record<K, V>> = {}
  if (value !== null && value !== undefined) found[name] = value
  return found
}
