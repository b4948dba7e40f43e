import { inspect } from 'node:util'
import { defineProve } from '@tokenflight/core'
import {
  clientCredentialsGrant,
  createDpop,
  type Dpop,
  type DpopJwk,
  generateDpopKey,
  refreshTokenGrant,
} from '@tokenflight/oauth'
import { calculateJwkThumbprint, decodeProtectedHeader, EmbeddedJWK, generateKeyPair, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { failureOf, refresh } from './calls.ts'
import { json, serve, type TokenRequest } from './token-endpoint-server.ts'

const tokens = { access_token: 'A1', token_type: 'DPoP', refresh_token: 'R1', expires_in: 60 }
const request = { method: 'GET', url: 'https://api.example/a/b?c=d#e' }
const proofOf = ({ headers }: TokenRequest) => String(headers['dpop'])
const claimsOf = async (proof: string) => (await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt' })).payload

async function pair(alg: string): Promise<CryptoKeyPair> {
  return generateKeyPair(alg)
}

describe('a proof of possession (RFC 9449 section 4.2)', () => {
  test.each(['ES256', 'ES384', 'ES512', 'EdDSA'])('is a JWT that its own public key verifies: %s', async (alg) => {
    const proof = await createDpop({ key: await pair(alg) }).prove(request)
    const header = decodeProtectedHeader(proof)
    expect(header).toMatchObject({ alg, typ: 'dpop+jwt' })
    expect(Object.keys(header.jwk ?? {}).sort()).toEqual(
      alg === 'EdDSA' ? ['crv', 'kty', 'x'] : ['crv', 'kty', 'x', 'y'],
    )
    await claimsOf(proof)
  })

  test('names the method, the URL without query and fragment, and the time', async () => {
    const before = Math.floor(Date.now() / 1000)
    const claims = await claimsOf(await createDpop().prove(request))
    expect(Object.keys(claims).sort()).toEqual(['htm', 'htu', 'iat', 'jti'])
    expect(claims).toMatchObject({ htm: 'GET', htu: 'https://api.example/a/b' })
    expect(claims.iat).toBeGreaterThanOrEqual(before)
    expect(claims.iat).toBeLessThanOrEqual(Date.now() / 1000)
  })

  test('holds the hash of the access token and the nonce, where there are any', async () => {
    const proof = await createDpop().prove({
      ...request,
      accessToken: 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU',
      nonce: 'n',
    })
    // The example of section 7.1.
    expect(await claimsOf(proof)).toMatchObject({ ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo', nonce: 'n' })
  })

  test('has a name of its own each time', async () => {
    const dpop = createDpop()
    const proofs = await Promise.all(Array.from({ length: 50 }, () => dpop.prove(request)))
    const names = await Promise.all(proofs.map(async (proof) => (await claimsOf(proof)).jti))
    expect(new Set(names).size).toBe(50)
  })
})

describe('the key of createDpop()', () => {
  const keyOf = async (dpop: Dpop) => decodeProtectedHeader(await dpop.prove(request)).jwk

  test('is a new one by default, and the same for every proof', async () => {
    const [one, other] = [createDpop(), createDpop()]
    expect(await keyOf(one)).toEqual(await keyOf(one))
    expect(await keyOf(one)).not.toEqual(await keyOf(other))
  })

  test('has the thumbprint of RFC 7638', async () => {
    for (const dpop of [createDpop(), createDpop({ key: await pair('EdDSA') })])
      expect(await dpop.thumbprint()).toBe(await calculateJwkThumbprint((await keyOf(dpop)) ?? {}))
  })

  test('may be a JWK that has been through a file, and its private half is in no proof', async () => {
    const key: DpopJwk = JSON.parse(JSON.stringify(await generateDpopKey()))
    const dpop = createDpop({ key })
    const { d, ...open } = key
    expect(await keyOf(dpop)).toEqual(open)
    expect(await createDpop({ key: { ...key } }).thumbprint()).toBe(await dpop.thumbprint())
    expect(
      inspect([dpop, refreshTokenGrant({ tokenEndpoint: 'https://as.example', clientId: 'a', dpop })], {
        depth: null,
        showHidden: true,
      }),
    ).not.toContain(d)
  })

  const canary = 'c4nAryc4nAryc4nAryc4nAryc4nAryc4nAryc4nAry0'
  test.each<[string, () => unknown, RegExp]>([
    ['text', () => canary, /^key must be a CryptoKeyPair/],
    ['one that could not be read', () => undefined, /^key is undefined/],
    ['null', () => null, /^key must be a CryptoKeyPair/],
    ['a public JWK', () => ({ kty: 'EC', crv: 'P-256', x: canary, y: canary }), /^key must be a private JWK/],
    ['an RSA JWK', () => ({ kty: 'RSA', n: canary, d: canary }), /one of ES256, ES384, ES512, EdDSA/],
    ['a pair without a private half', async () => ({ ...(await pair('ES256')), privateKey: undefined }), /WebCrypto/],
    [
      'two public halves',
      async () => ({ ...(await pair('ES256')), privateKey: (await pair('ES256')).publicKey }),
      /^key.privateKey/,
    ],
    ['an RSA pair', () => pair('RS256'), /one of ES256/],
  ])('is refused at set-up, in words that say what to do: %s', async (_, make, words) => {
    const key = await make()
    expect(() => createDpop({ key: key as CryptoKeyPair })).toThrow(expect.objectContaining({ code: 'invalid_option' }))
    expect(() => createDpop({ key: key as CryptoKeyPair })).toThrow(words)
    expect(() => createDpop({ key: key as CryptoKeyPair })).not.toThrow(canary)
  })

  test('that is no point on its curve is refused when it is first used', async () => {
    const dpop = createDpop({ key: { kty: 'EC', crv: 'P-256', x: canary, y: canary, d: canary } })
    const error: unknown = await dpop.prove(request).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'invalid_option' })
    expect(inspect(error)).not.toContain(canary)
  })
})

describe('a token request with DPoP', () => {
  const options = async (url: string) => ({ tokenEndpoint: `${url}/token`, clientId: 'a', dpop: createDpop() })
  /** Asks for a nonce first. */
  const wantsNonce = (nonce: () => string, status = 400) =>
    serve(async (response, tokenRequest) => {
      const claims = await claimsOf(proofOf(tokenRequest))
      if (claims['nonce'] === nonce()) return json(response, 200, tokens)
      response.setHeader('dpop-nonce', nonce())
      return json(response, status, { error: 'use_dpop_nonce' })
    })

  test('carries a proof for the token endpoint, without a hash of any token', async () => {
    const server = await serve((response) => json(response, 200, tokens))
    const given = await options(server.url)
    expect(await refresh(refreshTokenGrant(given))).toEqual({ ...tokens, dpop_jkt: await given.dpop.thumbprint() })
    const claims = await Promise.all(server.requests.map((one) => claimsOf(proofOf(one))))
    expect(claims).toMatchObject([{ htm: 'POST', htu: `${server.url}/token` }])
    expect(claims[0]).not.toHaveProperty('ath')
  })

  test.each([400, 401])(
    'is sent once more where a %i asks for a nonce, with the same refresh token and a new proof',
    async (status) => {
      const server = await wantsNonce(() => 'n1', status)
      expect(await refresh(refreshTokenGrant(await options(server.url)))).toMatchObject(tokens)
      expect(server.requests.map(({ body }) => body.get('refresh_token'))).toEqual(['R0', 'R0'])
      const [first, second] = await Promise.all(server.requests.map((one) => claimsOf(proofOf(one))))
      expect([first?.['nonce'], second?.['nonce']]).toEqual([undefined, 'n1'])
      expect(first?.jti).not.toBe(second?.jti)
    },
  )

  test('goes for client credentials too, and both grants hand on how to prove', async () => {
    const server = await wantsNonce(() => 'n1')
    const given = await options(server.url)
    const grant = clientCredentialsGrant(given)
    expect(await grant({ previous: undefined, signal: new AbortController().signal })).toEqual(tokens)
    expect(server.requests).toHaveLength(2)
    expect([grant.prove, refreshTokenGrant(given).prove]).toEqual([given.dpop.prove, given.dpop.prove])
  })

  test('signs the client assertion anew as well', async () => {
    const server = await wantsNonce(() => 'n1')
    const { privateKey } = await generateKeyPair('ES256')
    await refresh(refreshTokenGrant({ ...(await options(server.url)), privateKey }))
    const assertions = server.requests.map(({ body }) => String(body.get('client_assertion')))
    const names = assertions.map((assertion) => JSON.parse(atob(assertion.split('.')[1] ?? '')).jti)
    expect(new Set(names).size).toBe(2)
  })

  test('remembers the nonce, and takes the next one from any answer', async () => {
    const seen: unknown[] = []
    const next = ['n1', 'n2', '']
    const server = await serve(async (response, tokenRequest) => {
      seen.push((await claimsOf(proofOf(tokenRequest)))['nonce'])
      const nonce = next.shift()
      if (nonce) response.setHeader('dpop-nonce', nonce)
      return json(response, 200, tokens)
    })
    const grant = refreshTokenGrant(await options(server.url))
    for (const _ of [1, 2, 3, 4]) await refresh(grant)
    expect(seen).toEqual([undefined, 'n1', 'n2', 'n2'])
  })

  test('is refused, and nothing is spent, where the server asks for another nonce each time', async () => {
    let serial = 0
    const server = await wantsNonce(() => `n${serial++}`)
    const failure = await failureOf(refresh(refreshTokenGrant(await options(server.url))))
    expect(failure).toMatchObject({ outcome: 'refused', error: 'use_dpop_nonce', status: 400 })
    expect(server.requests).toHaveLength(2)
  })

  test.each<[string, number, object, object, object]>([
    ['no nonce comes along', 400, { error: 'use_dpop_nonce' }, {}, { outcome: 'refused' }],
    ['the grant is refused', 400, { error: 'invalid_grant' }, { 'dpop-nonce': 'n' }, { outcome: 'rejected' }],
    ['the proof is refused', 400, { error: 'invalid_dpop_proof' }, { 'dpop-nonce': 'n' }, { outcome: 'refused' }],
    ['nobody knows what happened', 500, { error: 'server_error' }, { 'dpop-nonce': 'n' }, { outcome: 'unknown' }],
    ['it asks for patience', 429, {}, { 'dpop-nonce': 'n' }, { outcome: 'unavailable' }],
  ])('is not sent again where %s', async (_, status, body, headers, expected) => {
    const server = await serve((response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value))
      json(response, status, body)
    })
    expect(await failureOf(refresh(refreshTokenGrant(await options(server.url))))).toMatchObject(expected)
    expect(server.requests).toHaveLength(1)
  })

  test('R2 hands over a Bearer token that came all the same: a rotated refresh token must not be lost', async () => {
    const server = await serve((response) => json(response, 200, { ...tokens, token_type: 'Bearer' }))
    expect(await refresh(refreshTokenGrant(await options(server.url)))).toMatchObject({
      token_type: 'Bearer',
      refresh_token: 'R1',
    })
  })

  test('is not sent where no proof can be signed', async () => {
    const server = await serve((response) => json(response, 200, tokens))
    const dpop: Dpop = {
      prove: defineProve(() => Promise.reject(new Error('the key is gone: secret'))),
      thumbprint: async () => 'print',
    }
    const failure = await failureOf(refresh(refreshTokenGrant({ ...(await options(server.url)), dpop })))
    expect(failure.outcome).toBe('not_sent')
    expect(inspect(failure)).not.toContain('secret')
    expect(server.requests).toEqual([])
  })

  test('that cannot be signed anew after a nonce is not taken for one whose outcome is unknown', async () => {
    const server = await wantsNonce(() => 'n1')
    const given = await options(server.url)
    const dpop: Dpop = {
      ...given.dpop,
      prove: defineProve((one) =>
        one.nonce === undefined ? given.dpop.prove(one) : Promise.reject(new Error('gone')),
      ),
    }
    expect(await failureOf(refresh(refreshTokenGrant({ ...given, dpop })))).toMatchObject({ outcome: 'not_sent' })
    expect(server.requests).toHaveLength(1)
  })

  test.each([undefined, {}, 'key'])('needs what createDpop() returned, not %s', async (dpop) => {
    const make = () => refreshTokenGrant({ tokenEndpoint: 'https://as.example', clientId: 'a', dpop: dpop as Dpop })
    if (dpop === undefined) make()
    else expect(make).toThrow(/^dpop must be what createDpop\(\) returned/)
  })

  test('sets its header itself', () => {
    const options = { tokenEndpoint: 'https://as.example', clientId: 'a', headers: { DPoP: 'mine' } }
    expect(() => refreshTokenGrant(options)).toThrow(/^headers.DPoP/)
  })
})
