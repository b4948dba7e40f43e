import { ClientError } from 'graphql-request'
import { FetchError } from 'ofetch'
import { findTokenError, isTokenError } from 'tokenflight'
import { describe, expect, it } from 'vitest'
import { AcmeError, family } from './family.ts'
import { openStage, thrownBy } from './stage.ts'

/** What the users of each client know. */
const statusOf: Record<string, (error: unknown) => unknown> = {
  ofetch: (error) => error instanceof FetchError && error.statusCode,
  'graphql-request': (error) => error instanceof ClientError && error.response.status,
}
const plainStatus = (error: unknown) => error instanceof AcmeError && error.status

describe.each(family)('A11 the errors of $name', ({ name, open, transport }) => {
  it('hold ours where the user must sign in again', async () => {
    const { server, api, tokens } = await openStage({ expired: true }, {}, { transport })
    server.revokeGrant('grant_1')
    const client = open(tokens, api.url)
    const errors = await Promise.all([thrownBy(client.read('/1')), thrownBy(client.write('/2', {}))])
    for (const error of errors) {
      expect(findTokenError(error)?.code).toBe('reauthorization_required')
      if (name.startsWith('ofetch')) expect(error).toBeInstanceOf(FetchError)
      else expect(isTokenError(error)).toBe(true)
    }
    // Also where the client tries again by itself, as ofetch does.
    expect(server.tokenRequests).toBe(1)
  })

  it('hold ours where nobody has signed in, and nothing is sent', async () => {
    const { api, tokens } = await openStage({}, {}, { transport })
    await tokens.clearTokens()
    expect(findTokenError(await thrownBy(open(tokens, api.url).read('/1')))?.code).toBe('no_credential')
    expect(api.requests).toEqual([])
  })

  it('are its own for a second 401, and for what is no 401 at all', async () => {
    const { api, tokens } = await openStage({}, {}, { transport })
    api.configure({ protection: 'refuse_all' })
    const client = open(tokens, api.url)
    const status = Object.entries(statusOf).find(([client]) => name.startsWith(client))?.[1] ?? plainStatus
    const refused = await thrownBy(client.write('/refused', {}))
    expect([status(refused), findTokenError(refused)]).toEqual([401, undefined])
    expect(api.requests).toHaveLength(2)
    api.script([422])
    const invalid = await thrownBy(client.write('/invalid', {}))
    expect([status(invalid), findTokenError(invalid)]).toEqual([422, undefined])
  })
})
