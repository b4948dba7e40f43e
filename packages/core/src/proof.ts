import { schemeOf, sendable } from './bearer-token.ts'
import { invalidOption, isTokenError } from './errors.ts'
import { followRedirects } from './follow-redirects.ts'
import { redactError } from './redact.ts'
import type { RequestProofs } from './request-proofs.ts'
import { wait } from './single-flight.ts'
import type { ProofRequest, Prove } from './token-set.ts'
import { parseChallenges } from './www-authenticate.ts'

type Sign = (request: ProofRequest) => Promise<string>

/**
 * The `prove` of sources and grants whose tokens are bound to a key (RFC 9449). It brings along what adapters need to send such tokens:
 * who has none loads nothing of it.
 *
 * @param sign Signs the proof for ONE sending, the value of its `DPoP` header. Each call makes a new one, with a `jti` of its own.
 */
export function defineProve(sign: Sign): Prove {
  // The last `DPoP-Nonce` of each origin (RFC 9449 section 9): as many as there are origins that may receive the token.
  const nonces = new Map<string, string>()
  const prove: Sign = (request) => sign(request)
  return Object.assign(prove, { begin: (origin: string) => requestProofs(prove, nonces, origin) })
}

function requestProofs(prove: Sign, nonces: Map<string, string>, origin: string): RequestProofs {
  /** The URL that the last proof names. */
  let proven: string | undefined
  /** A server that goes on asking for a nonce that it has been given is not given another. */
  let nonce: 'asked' | 'given' | undefined
  /** The one that this request was asked for. Others, who share the key, may have been told others since. */
  let own: string | undefined

  return {
    follow: followRedirects,
    async headers(token, url, method, signal) {
      if (schemeOf(token) === 'bearer')
        throw invalidOption(
          'The access token is of type Bearer although DPoP was asked for, and it is not sent unprotected (RFC 9449 section 5). Have ' +
            'the authorization server bind the tokens of this client (dpop_bound_access_tokens) and sign in again with a DPoP proof, ' +
            'or leave the option dpop out.',
        )
      const accessToken = sendable(token)
      const target = targetOf(url)
      const told = nonce === 'given' ? own : nonces.get(origin)
      const request = { method: method.toUpperCase(), url: target, accessToken, nonce: told }
      const dpop = await askForProof(prove, request, signal)
      proven = target
      return { authorization: `DPoP ${accessToken}`, dpop }
    },
    learn({ header }) {
      const told = readNonce(header('dpop-nonce'))
      if (told !== undefined) nonces.set(origin, told)
    },
    misses: (landing) => proven !== targetOf(landing),
    demandOf({ status, header }) {
      const given = nonce === 'given'
      nonce = undefined
      const demand = status === 401 ? demandOf(header('www-authenticate')) : undefined
      if (demand !== 'nonce') return demand
      own = readNonce(header('dpop-nonce'))
      if (given || own === undefined) return 'nothing'
      nonce = 'asked'
      return demand
    },
    get nonceAsked() {
      return nonce === 'asked'
    },
    giveNonce() {
      if (nonce !== 'asked') return false
      nonce = 'given'
      return true
    },
  }
}

/** The `htu` of a proof (RFC 9449 section 4.2): an absolute URL without query and fragment, so that a proof is good for its path only. */
function targetOf(url: string | URL): string {
  const { origin, pathname } = typeof url === 'string' ? new URL(url) : url
  return origin + pathname
}

/**
 * The proof for one sending, racing the caller's signal: a key may be far away. Trouble with the key is told as what it is: a raw error
 * would look like a network failure.
 */
async function askForProof(prove: Sign, request: ProofRequest, signal: AbortSignal | null | undefined) {
  let proof: unknown
  try {
    proof = await wait(Promise.resolve(prove(request)), signal ?? undefined)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (isTokenError(error)) throw error
    throw invalidOption(
      'The DPoP proof could not be signed (see cause). Check the key: its private half must be there and usable for signing.',
      redactError(error, [request.accessToken]),
    )
  }
  // A JWS in compact form (RFC 7515 section 7.1), and nothing that could end the header.
  if (typeof proof === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(proof)) return proof
  throw invalidOption('No DPoP proof was signed: let prove() of the token source resolve with a JWT.')
}

/** The nonce of an answer's `DPoP-Nonce`; undefined where there is none, or nothing that could be one (RFC 9449 section 8.1). */
function readNonce(header: string | null | undefined): string | undefined {
  return header && /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/.test(header) ? header : undefined
}

/** What a 401 asks for: another token, or the same one with another nonce in its proof (RFC 9449 section 9). */
function demandOf(header: string | null | undefined): 'token' | 'nonce' | undefined {
  const challenges = header ? parseChallenges(header) : []
  if (challenges.length === 0) return 'token'
  const errorsOf = (wanted: string) =>
    challenges.filter(({ scheme }) => scheme === wanted).map(({ parameters }) => parameters['error'])
  const errors = errorsOf('dpop')
  if (errors.includes('use_dpop_nonce')) return 'nonce'
  // A newer token does not mend a wrong proof (RFC 9449 section 7.1), nor bring a broader scope.
  if (errors.some((error) => error !== 'insufficient_scope' && error !== 'invalid_dpop_proof')) return 'token'
  // Servers that take both schemes may refuse a token in the words of the older one.
  return errorsOf('bearer').includes('invalid_token') ? 'token' : undefined
}
