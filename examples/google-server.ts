// My server calls Google for many users, with refresh tokens that stay valid. What is there left to do?

import assert from 'node:assert/strict'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { createTokenManagers, isTokenError, refreshTokenGrant, withBearer } from 'tokenflight'

// As Google: the refresh token that was presented stays good, and the answer does not repeat it.
const google = await startAuthorizationServer({
  rotation: false,
  unrotated: 'omitted',
  clients: { web: { secrets: ['example only'] } },
})
const calendar = await startResourceServer({ authorizationServer: google })

const users = createTokenManagers({
  grant: refreshTokenGrant({
    provider: 'google',
    tokenEndpoint: google.tokenEndpoint, // in earnest the provider's name is enough
    clientId: 'web',
    clientSecret: 'example only',
  }),
  // The first refresh an hour ago and the next one now: time passes fast here.
  coolDown: 0,
})
const names = Array.from({ length: 50 }, (_, n) => `user${n}`)
for (const subject of names) await users.for(subject).setTokens(await google.signIn({ subject }))

async function appointmentsOf(name: string): Promise<string> {
  const api = withBearer(fetch, users.for(name), { origins: calendar.url })
  try {
    const response = await api(`${calendar.url}/calendars/primary/events`)
    await response.text()
    return String(response.status)
  } catch (error) {
    // The user has taken the permission back, or changed the password: that user signs in again, and nobody else.
    if (isTokenError(error) && error.code === 'reauthorization_required') return 'sign in'
    throw error
  }
}

// Twice an hour passes, and each user comes with four requests at once. They share one refresh per user and hour.
for (const hour of [1, 2]) {
  google.expireAccessTokens()
  const answers = await Promise.all(names.flatMap((name) => [1, 2, 3, 4].map(() => appointmentsOf(name))))
  assert(answers.every((answer) => answer === '200'))
  assert.equal(google.tokenRequests, hour * names.length)
}

// A lost answer costs nothing here: the same refresh token is simply presented again.
google.expireAccessTokens()
google.next({ fault: 'reset', consume: true })
assert.equal(await appointmentsOf('user0'), '200')

// One user takes the permission back.
const { accessToken } = await users.for('user1').getAccessToken()
google.revokeGrant(google.grantOf(accessToken) ?? '')
assert.deepEqual(await Promise.all(['user1', 'user2'].map(appointmentsOf)), ['sign in', '200'])
console.log(`${names.length} users, ${google.tokenRequests} token requests, one user to sign in again`)

await users.close()
await Promise.all([calendar.close(), google.close()])
