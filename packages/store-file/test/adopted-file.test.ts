import { readFileSync } from 'node:fs'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { claim, inPlace, json, put, record, set, tokens } from './place.ts'

describe('S6 a file that another program wrote', () => {
  const adopt = async (content: unknown) => (await fileStore(put(inPlace(), content)).read('default')).record

  test('is adopted', async () => {
    expect(
      await adopt({
        access_token: 'a',
        refresh_token: 'r',
        scope: 'read',
        expires_at: 1_764_000_123,
        obtained_at: 1_764_000_000,
      }),
    ).toEqual({
      tokens: {
        accessToken: 'a',
        refreshToken: 'r',
        tokenType: 'Bearer',
        scope: 'read',
        expiresAt: 1_764_000_123_000,
        obtainedAt: 1_764_000_000_000,
      },
      revision: 0,
      generation: 0,
    })
    expect(await adopt({ access_token: 'a', id_token: 'i', client_secret: 's', scope: ['a', 'b'] })).toMatchObject({
      tokens: { scope: 'a b', extra: { id_token: 'i' } },
    })
  })

  test('with a refresh token only is a credential that has expired since ever', async () => {
    const path = put(inPlace(), { type: 'authorized_user', client_id: 'c', refresh_token: 'r' })
    const store = fileStore(path)
    const { record: adopted } = await store.read('default')
    expect(adopted?.tokens).toEqual({
      accessToken: '',
      refreshToken: 'r',
      tokenType: 'Bearer',
      obtainedAt: 0,
      expiresAt: 0,
    })
    const claimed = { ...adopted, revision: 1, generation: 0, claim: claim('c') }
    await set(store, claimed)
    expect(json(path)).not.toHaveProperty('access_token')
    expect((await store.read('default')).record).toEqual(claimed)
  })

  test.for([
    ['seconds', 1_764_000_123, 1_764_003_723],
    ['milliseconds', 1_764_000_123_456, 1_764_003_723_456],
    ['seconds as text', '1764000123', '1764003723'],
    ['milliseconds as text', '1764000123456', '1764003723456'],
    ['ISO 8601', '2025-11-24T16:02:03.456Z', '2025-11-24T17:02:03.456Z'],
  ] as const)('says its expiry in %s, and goes on being told it so', async ([, before, after]) => {
    for (const name of ['expires_at', 'expiry', 'expiry_date', 'expires_on']) {
      const path = put(inPlace(), { access_token: 'a', [name]: before })
      const store = fileStore(path)
      const { record: adopted } = await store.read('default')
      expect(Math.floor((adopted?.tokens?.expiresAt ?? 0) / 1000)).toBe(1_764_000_123)
      await set(store, record('1', { tokens: tokens('1', { expiresAt: 1_764_003_723_456 }) }))
      expect(json(path)[name]).toBe(after)
      expect('expires_at' in json(path)).toBe(name === 'expires_at')
      await set(store, record('2', { tokens: { accessToken: 'x', tokenType: 'Bearer', obtainedAt: 1 } }))
      expect(json(path)).not.toHaveProperty(name)
    }
  })

  test('is told its expiry in its own notation again after a sign-out, and after an answer without a lifetime', async () => {
    for (const [name, value] of [
      ['expires_at', 1_764_000_123_456],
      ['expiry', '2025-11-24T16:02:03.456Z'],
    ] as const) {
      const path = put(inPlace(), { access_token: 'a', [name]: value, theme: 'dark' })
      await set(fileStore(path), undefined)
      expect(Object.keys(json(path))).toEqual(['theme', 'tokenflight'])
      await set(fileStore(path), record('1', { tokens: { accessToken: 'x', tokenType: 'Bearer', obtainedAt: 1 } }))
      expect(json(path)).not.toHaveProperty(name)
      await set(fileStore(path), record('2'))
      expect(json(path)[name]).toBe(value)
      expect('expires_at' in json(path)).toBe(name === 'expires_at')
    }
  })

  test('says a lifetime: it counts from when the tokens were obtained, or else from when the file was written', async () => {
    const noted = await adopt({ access_token: 'a', expires_in: '3600', obtained_at: '2025-11-24T16:00:00Z' })
    expect(noted?.tokens).toMatchObject({
      obtainedAt: Date.UTC(2025, 10, 24, 16),
      expiresAt: Date.UTC(2025, 10, 24, 17),
    })
    const before = Date.now()
    const fresh = await adopt({ access_token: 'a', expires_in: 3600 })
    expect(Math.abs((fresh?.tokens?.expiresAt ?? 0) - before - 3_600_000)).toBeLessThan(10_000)
    expect((await adopt({ access_token: 'a', expires_at: 'soon', expires_in: 'long' }))?.tokens).not.toHaveProperty(
      'expiresAt',
    )
  })

  test('goes on being told lifetime and time of obtaining', async () => {
    const path = put(inPlace(), { access_token: 'a', expires_in: 60, obtained_at: 1_764_000_000 })
    const store = fileStore(path)
    await set(store, record('1'))
    expect(json(path)).toMatchObject({ expires_in: 3600, obtained_at: 1_763_996_523, expires_at: 1_764_000_123 })
    await set(store, record('2', { tokens: { accessToken: 'x', tokenType: 'Bearer', obtainedAt: 5000 } }))
    expect(json(path)).toMatchObject({ obtained_at: 5 })
    expect(json(path)).not.toHaveProperty('expires_in')
    await set(store, undefined)
    expect(Object.keys(json(path))).toEqual(['tokenflight'])
  })

  test('a time that no calendar has is written in seconds', async () => {
    const path = put(inPlace(), { access_token: 'a', expires_at: '2025-11-24T16:02:03Z', expiry: 1.5e9 })
    put(path, readFileSync(path, 'utf8').replace('1500000000', '1.5e9'))
    await set(fileStore(path), record('1', { tokens: tokens('1', { expiresAt: 9e15 }) }))
    expect(json(path)).toMatchObject({ expires_at: 9e12, expiry: 9e12 })
  })

  test.for([{}, { theme: 'dark' }, { access_token: null, refresh_token: null }, { access_token: '' }])(
    'and that has no tokens (%j) is nobody signed in',
    async (content) => {
      expect(await adopt(content)).toBeUndefined()
    },
  )
})
