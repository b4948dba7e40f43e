import { TokenError } from '@tokenflight/core'
import { type RefreshTokenGrantOptions, refreshTokenGrant } from '@tokenflight/oauth'
import { refresh } from '../calls.ts'

/** Options that the compiler would refuse. */
export const untyped = (options: object) => options as RefreshTokenGrantOptions
export const client = { clientId: 'app' }

/** What an option is refused with. */
export const messageOf = (set: () => unknown): string => {
  try {
    set()
  } catch (thrown) {
    if (thrown instanceof TokenError && thrown.code === 'invalid_option') return thrown.message
    throw thrown
  }
  return 'it was accepted'
}

/** Where the refresh goes. */
export async function endpointOf(options: RefreshTokenGrantOptions): Promise<string> {
  const seen: string[] = []
  const capture: typeof fetch = async (input) => {
    seen.push(String(input))
    return Response.json({ access_token: 'A1' })
  }
  await refresh(refreshTokenGrant({ ...options, fetch: capture }))
  return seen.join()
}
