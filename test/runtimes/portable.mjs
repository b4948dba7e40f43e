// What must hold in every runtime, with the built packages. Each scenario gets the URLs of real servers and throws if something is wrong.
import { createTokenManager, encryptedStore, findTokenError, memoryStore } from '@tokenflight/core'
import { withBearer } from '@tokenflight/fetch'
import { withBearer as withBearerKy } from '@tokenflight/ky'
import { createDpop, refreshTokenGrant } from '@tokenflight/oauth'
import ky from 'ky'

function equal(actual, expected, what) {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`${what}: ${got}, not ${wanted}`)
}

/** Commands of the authorization server simulator. */
const simulator = (server) => async (command, body) =>
  (await fetch(`${server}/_simulator/${command}`, { method: 'POST', body: JSON.stringify(body ?? {}) })).json()

async function signedIn({ server }, options = {}) {
  const tell = simulator(server)
  const tokens = createTokenManager({
    grant: refreshTokenGrant({ tokenEndpoint: `${server}/token`, clientId: 'app' }),
    coolDown: 0,
    ...options,
  })
  const before = (await tell('state')).tokenRequests
  const first = await tell('sign-in')
  await tokens.setTokens(first)
  const requests = async () => (await tell('state')).tokenRequests - before
  const grantId = async () =>
    (await tell('state')).grants.find(({ accessTokens }) =>
      accessTokens.some(({ token }) => token === first.access_token),
    ).id
  const expire = async () => tell('expire', { grantId: await grantId() })
  return { tokens, tell, first, requests, expire, grantId }
}

export const scenarios = {
  'F1 25 callers whose token is refused make one token request and all succeed': async (urls) => {
    const { tokens, requests, expire } = await signedIn(urls)
    const authorized = withBearer((input, init) => fetch(input, init), tokens, { origins: urls.api })
    await expire()
    const answers = await Promise.all(Array.from({ length: 25 }, async () => (await authorized(urls.api)).status))
    equal(
      answers,
      Array.from({ length: 25 }, () => 200),
      'statuses',
    )
    equal(await requests(), 1, 'token requests')
    await tokens.close()
  },

  'R1 the second refresh presents what the first one brought': async (urls) => {
    const { tokens, tell, requests, first } = await signedIn(urls)
    const second = await tokens.getAccessToken({ rejected: first.access_token })
    const third = await tokens.getAccessToken({ rejected: second.accessToken })
    equal(new Set([first.access_token, second.accessToken, third.accessToken]).size, 3, 'different tokens')
    equal(await requests(), 2, 'token requests')
    equal((await tell('state')).replays, 0, 'replays')
    await tokens.close()
  },

  'a POST is replayed once, with its body': async (urls) => {
    const { tokens, expire } = await signedIn(urls)
    const authorized = withBearer((input, init) => fetch(input, init), tokens, { origins: urls.api })
    await expire()
    const answer = await authorized(urls.api, { method: 'POST', body: JSON.stringify({ order: 1 }) })
    equal(answer.status, 200, 'status')
    equal((await answer.json()).method, 'POST', 'method')
    await tokens.close()
  },

  'R4 a revoked grant is one clear error': async (urls) => {
    const { tokens, tell, first, grantId } = await signedIn(urls)
    await tell('revoke-grant', { grantId: await grantId() })
    const error = await tokens.getAccessToken({ rejected: first.access_token }).catch((thrown) => thrown)
    equal(findTokenError(error)?.code, 'reauthorization_required', 'code')
    await tokens.close()
  },

  'F6 a caller who leaves takes nobody along': async (urls) => {
    const { tokens, first, requests } = await signedIn(urls)
    const leaver = new AbortController()
    const left = tokens
      .getAccessToken({ rejected: first.access_token, signal: leaver.signal })
      .catch((reason) => reason)
    const stays = tokens.getAccessToken({ rejected: first.access_token })
    leaver.abort(new Error('enough'))
    equal((await left).message, 'enough', 'reason')
    equal((await stays).accessToken !== first.access_token, true, 'a new token')
    equal(await requests(), 1, 'token requests')
    await tokens.close()
  },

  'S10 an encrypted credential is shared by two managers of one store': async (urls) => {
    const engine = memoryStore()
    const open = () => encryptedStore(engine, { keys: [{ id: 'k1', key: new Uint8Array(32).fill(7) }] })
    const { tokens, first, requests } = await signedIn(urls, { store: open() })
    const other = createTokenManager({
      store: open(),
      grant: refreshTokenGrant({ tokenEndpoint: `${urls.server}/token`, clientId: 'app' }),
    })
    const both = [tokens, other].map((each) => each.getAccessToken({ rejected: first.access_token }))
    const [one, two] = await Promise.all(both)
    equal(one.accessToken, two.accessToken, 'the same token')
    equal(await requests(), 1, 'token requests')
    equal(JSON.stringify(await engine.read('default')).includes(one.accessToken), false, 'readable in the store')
    await Promise.all([tokens.close(), other.close()])
  },

  'ky: 25 callers, one token request': async (urls) => {
    const { tokens, requests, expire } = await signedIn(urls)
    const api = withBearerKy(ky, tokens, { origins: urls.api })
    await expire()
    const answers = await Promise.all(Array.from({ length: 25 }, async () => (await api(urls.api)).status))
    equal(
      answers,
      Array.from({ length: 25 }, () => 200),
      'statuses',
    )
    equal(await requests(), 1, 'token requests')
    await tokens.close()
  },

  'DPoP: a proof is a JWT that its own key verifies': async () => {
    const proof = await createDpop().prove({
      method: 'GET',
      url: 'https://api.example/orders?page=2',
      accessToken: 'at',
    })
    const [header, claims, signature] = proof.split('.')
    const decode = (text) =>
      Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    const read = (text) => JSON.parse(new TextDecoder().decode(decode(text)))
    equal(read(claims).htu, 'https://api.example/orders', 'htu')
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('jwk', read(header).jwk, algorithm, false, ['verify'])
    const signed = new TextEncoder().encode(`${header}.${claims}`)
    equal(await crypto.subtle.verify(algorithm, key, decode(signature), signed), true, 'signature')
  },
}

/** Runs them all, one after the other: `[name, error or null]` each. */
export async function runAll(urls, extra = {}) {
  const results = []
  for (const [name, scenario] of Object.entries({ ...scenarios, ...extra })) {
    try {
      await scenario(urls)
      results.push([name, null])
    } catch (error) {
      results.push([name, String(error?.stack ?? error)])
    }
  }
  return results
}
