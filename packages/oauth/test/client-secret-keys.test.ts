import { clientCredentialsGrant, refreshTokenGrant } from '@tokenflight/oauth'
import { exportJWK, generateKeyPair, importJWK, jwtVerify } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { failureOf, refresh } from './calls.ts'
import { json, serve } from './token-endpoint-server.ts'

let old: { publicKey: CryptoKey; privateKey: CryptoKey }
let next: typeof old
beforeAll(async () => {
  old = await generateKeyPair('ES256', { extractable: true })
  next = await generateKeyPair('ES256')
})

/** Knows the public keys by their names, and verifies every assertion. */
async function keyServer(registered: Map<string, CryptoKey>) {
  const seen: (string | undefined)[] = []
  const assertions = new Set<string>()
  const server = await serve(async (response, { body }) => {
    const assertion = body.get('client_assertion') ?? ''
    assertions.add(assertion)
    let kid: string | undefined
    try {
      await jwtVerify(
        assertion,
        (header) => {
          kid = header.kid
          const key = registered.get(kid ?? '')
          if (key === undefined) throw new Error('no such key')
          return key
        },
        { audience: `${server.url}/`, issuer: 'app' },
      )
      seen.push(kid)
      json(response, 200, { access_token: 'A1', refresh_token: 'R1' })
    } catch {
      seen.push(`not ${kid}`)
      json(response, 401, { error: 'invalid_client' })
    }
  })
  return { ...server, seen, assertions }
}

describe('R14 private keys rotate like secrets', () => {
  test('of a list, the newest is tried first, then the one that is registered, from then on that one alone', async () => {
    const server = await keyServer(new Map([['2025', old.publicKey]]))
    const privateKey = [
      { key: next.privateKey, kid: '2026' },
      { key: old.privateKey, kid: '2025' },
    ]
    const grant = refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', privateKey })
    await refresh(grant)
    await refresh(grant)
    expect(server.seen).toEqual(['not 2026', '2025', '2025'])
    expect(server.assertions.size).toBe(3)
  })

  test('a function is asked again when its key is refused, and a key that it imports anew is known by its name', async () => {
    const registered = new Map([['2025', old.publicKey]])
    const server = await keyServer(registered)
    const jwk = await exportJWK(old.privateKey)
    let current = '2025'
    const privateKey = async () =>
      current === '2025'
        ? { key: (await importJWK(jwk, 'ES256')) as CryptoKey, kid: '2025' }
        : { key: next.privateKey, kid: '2026' }
    const grant = clientCredentialsGrant({ tokenEndpoint: server.url, clientId: 'app', privateKey })
    const request = { previous: undefined, signal: new AbortController().signal }
    await grant(request)
    registered.clear()
    registered.set('2026', next.publicKey)
    expect(await failureOf(grant(request))).toMatchObject({ outcome: 'refused', error: 'invalid_client' })
    current = '2026'
    await grant(request)
    expect(server.seen).toEqual(['2025', 'not 2025', '2026'])
  })

  test('a function that returns no private key sends nothing, and says what it should return', async () => {
    const server = await keyServer(new Map())
    const privateKey = () => next.publicKey
    const failure = await failureOf(
      refresh(refreshTokenGrant({ tokenEndpoint: server.url, clientId: 'app', privateKey })),
    )
    expect(failure).toMatchObject({
      outcome: 'not_sent',
      message: expect.stringContaining('privateKey function returned no key'),
    })
    expect(server.seen).toEqual([])
  })

  test('a list is checked at set-up, key by key', () => {
    const setUp = (privateKey: never) =>
      refreshTokenGrant({ tokenEndpoint: 'https://as.example/token', clientId: 'app', privateKey })
    const key = old.privateKey
    expect(() => setUp([] as never)).toThrow(/^privateKey must be one, or a list of 1 to 4/)
    expect(() => setUp([key, key, key, key, key] as never)).toThrow(/^privateKey must be one, or a list of 1 to 4/)
    expect(() => setUp([key, old.publicKey] as never)).toThrow(/^privateKey must be a private key/)
    expect(() => setUp([key, { key, kid: '' }] as never)).toThrow(/^privateKey.kid/)
  })
})
