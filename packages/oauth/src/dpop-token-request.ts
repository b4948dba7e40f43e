import { readAnswer } from './answer.ts'
import { classifyAnswer } from './classify.ts'
import type { Dpop } from './dpop.ts'
import { notSent } from './grant-errors.ts'
import { invalidOption } from './invalid-option.ts'

/** Sends token requests of one client with a proof of possession (RFC 9449 section 5). */
export type SendProven = (
  tokenEndpoint: string,
  send: (headers: { dpop: string }) => Promise<Response>,
) => Promise<Response>

/**
 * Remembers the token endpoint's nonce. Where that asks for another one, it has done nothing else (section 8), so the request is sent
 * once more with it, and only then.
 */
export function provenTokenRequests(dpop: Dpop | undefined): SendProven | undefined {
  if (dpop === undefined) return undefined
  if (typeof dpop?.prove !== 'function' || typeof dpop.thumbprint !== 'function')
    throw invalidOption('dpop', 'must be what createDpop() returned, or left out')
  let nonce: string | undefined

  return async (tokenEndpoint, send) => {
    const attempt = async () => {
      const response = await send({ dpop: await prove(dpop, tokenEndpoint, nonce) })
      const learned = response.headers.get('dpop-nonce') ?? undefined
      nonce = learned ?? nonce
      return { response, learned }
    }
    const { response, learned } = await attempt()
    // A body that somebody has read already (a fetch that logs) says nothing about a nonce, and a copy of it cannot be had.
    if (learned === undefined || response.ok || response.bodyUsed) return response
    const answer = classifyAnswer(await readAnswer(response.clone()))
    if (answer.outcome === 'tokens' || answer.error !== 'use_dpop_nonce') return response
    response.body?.cancel().catch(() => {})
    return (await attempt()).response
  }
}

async function prove(dpop: Dpop, url: string, nonce: string | undefined): Promise<string> {
  try {
    return await dpop.prove({ method: 'POST', url, nonce })
  } catch {
    throw notSent('the DPoP proof could not be signed. Check the key of createDpop()')
  }
}
