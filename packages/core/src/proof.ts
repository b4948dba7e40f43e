import { isTokenError, TokenError } from './errors.ts'
import { redactError } from './redact.ts'
import { wait } from './single-flight.ts'
import type { ProofRequest, TokenSource } from './token-set.ts'

/** The `htu` of a proof (RFC 9449 section 4.2): an absolute URL without query and fragment, so that a proof is good for its path only. */
export function proofTarget(url: string | URL): string {
  const { origin, pathname } = typeof url === 'string' ? new URL(url) : url
  return origin + pathname
}

/**
 * The proof for one sending, racing the caller's signal: a key may be far away. Trouble with the key is told as what it is: a raw error
 * would look like a network failure.
 */
export async function askForProof(
  tokens: TokenSource,
  request: ProofRequest,
  signal: AbortSignal | null | undefined,
): Promise<string> {
  let proof: unknown
  try {
    proof = await wait(Promise.resolve(tokens.prove?.(request)), signal ?? undefined)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (isTokenError(error)) throw error
    throw new TokenError(
      'invalid_option',
      'The DPoP proof could not be signed (see cause). Check the key: its private half must be there and usable for signing.',
      { cause: redactError(error, [request.accessToken]) },
    )
  }
  // A JWS in compact form (RFC 7515 section 7.1), and nothing that could end the header.
  if (typeof proof === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(proof)) return proof
  throw new TokenError(
    'invalid_option',
    'No DPoP proof was signed: let prove() of the token source resolve with a JWT.',
  )
}

/** The nonce of an answer's `DPoP-Nonce`; undefined where there is none, or nothing that could be one (RFC 9449 section 8.1). */
export function readNonce(header: string | null | undefined): string | undefined {
  return header && /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/.test(header) ? header : undefined
}
