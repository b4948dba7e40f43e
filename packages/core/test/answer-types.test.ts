import { expect, expectTypeOf, test } from 'vitest'
import { createTokenManager, createTokenManagers, defineGrant, type Grant, memoryStore } from '../src/index.ts'

/** As applications declare what their servers answer: without an index signature. */
interface Answer {
  access_token: string
  refresh_token: string
  expires_in: number
  instance_url: string
}

const answer: Answer = {
  access_token: 'a',
  refresh_token: 'r',
  expires_in: 3600,
  instance_url: 'https://x.example.com',
}

test("an answer that an application's own interface declares is taken as it is, and what it adds is kept", async () => {
  const request = async () => answer
  expectTypeOf(request).toExtend<Grant>()
  const store = memoryStore()
  const tokens = createTokenManager({ store, grant: defineGrant(request) })
  await tokens.setTokens(answer)
  expect((await tokens.getAccessToken()).extra).toEqual({ instance_url: 'https://x.example.com' })
  await tokens.close()
  const managers = createTokenManagers({ grantFor: () => request })
  await managers.for('alice').setTokens(answer)
  expect((await managers.for('alice').getAccessToken({ rejected: 'a' })).extra).toEqual({
    instance_url: 'https://x.example.com',
  })
  await managers.close()
})

test('one that is written down with further parameters too, and what it may lack is undefined', async () => {
  const refresh_token: string | undefined = undefined
  const tokens = createTokenManager({ grant: async () => answer })
  await tokens.setTokens({ access_token: 'b', refresh_token, team_id: 't' })
  expect((await tokens.getAccessToken()).extra).toEqual({ team_id: 't' })
  // @ts-expect-error Words are no lifetime.
  await tokens.setTokens({ access_token: 'c', expires_in: 'an hour' })
  // @ts-expect-error Nothing could be sent.
  await expect(tokens.setTokens({ refresh_token: 'r' })).rejects.toMatchObject({ code: 'invalid_option' })
  await tokens.close()
})
