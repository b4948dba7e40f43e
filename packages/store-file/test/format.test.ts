import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { claim, json, put, record, set, temporaryDirectory, tokens } from './place.ts'

const inPlace = () => join(temporaryDirectory(), 'credentials.json')

describe('S6 the file, as other programs see it', () => {
  test('has the names of RFC 6749 at the top, its expiry in epoch seconds, and all else under one name', async () => {
    const path = inPlace()
    const extra = { id_token: 'id-1', instance_url: 'https://eu1.example' }
    await set(
      fileStore(path),
      record('1', {
        tokens: tokens('1', { scope: 'read write', subject: 'alice', extra }),
        refreshAt: 1_763_999_000_001,
      }),
    )
    expect(json(path)).toEqual({
      access_token: 'access-1',
      token_type: 'Bearer',
      refresh_token: 'refresh-1',
      scope: 'read write',
      expires_at: 1_764_000_123,
      ...extra,
      tokenflight: {
        revision: 1,
        generation: 1,
        refreshAt: 1_763_999_000_001,
        file: {
          format: 1,
          key: 'default',
          write: expect.stringMatching(/^[\w-]{16}$/),
          fingerprint: expect.stringMatching(/^[\w-]{22}$/),
          tokens: { subject: 'alice', obtainedAt: 1_763_996_523_455, expiresAt: 1_764_000_123_456 },
          names: ['id_token', 'instance_url'],
        },
      },
    })
    expect(readFileSync(path, 'utf8')).toMatch(/^\{\n {2}"access_token": .*\n\}\n$/s)
  })

  test('keeps what it does not know, in its place and spelling', async () => {
    const path = inPlace()
    put(
      path,
      '{\n\t"account": 12345678901234567890,\n\t"ratio": 1.0,\n\t"access_token": "old",\n\t"nested": {"__proto__": [1e3]},\n\t"refresh_token": "old"\n}',
    )
    const store = fileStore(path)
    await set(store, record('1'))
    await set(store, record('2', { revision: 2 }))
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(
      /^\{\n\t"account": 12345678901234567890,\n\t"ratio": 1.0,\n\t"access_token": "access-2",\n\t"nested": \{\n\t\t"__proto__": \[\n\t\t\t1e3\n\t\t\]\n\t\},\n\t"refresh_token": "refresh-2",\n\t"token_type"/,
    )
    await set(store, undefined)
    expect(Object.keys(json(path))).toEqual(['account', 'ratio', 'nested', 'tokenflight'])
  })

  test('keeps a byte order mark and the brevity of one line', async () => {
    const path = inPlace()
    put(path, '\uFEFF{"access_token":"old","theme":"dark"}')
    const store = fileStore(path)
    expect((await store.read('default')).record?.tokens?.accessToken).toBe('old')
    await set(store, record('1'))
    expect(readFileSync(path, 'utf8')).toMatch(/^\uFEFF\{"access_token":"access-1","theme":"dark",.*\}\n$/)
    expect((await store.read('default')).record).toEqual(record('1'))
  })

  test('removes parameters of the answer that the tokens no longer have, and only those', async () => {
    const path = put(inPlace(), { access_token: 'old', id_token: 'old-id', profile: { name: 'Alice' } })
    const store = fileStore(path)
    await set(
      store,
      record('1', { tokens: tokens('1', { extra: { id_token: 'new-id', hint: 'x', profile: 'of the answer' } }) }),
    )
    expect(json(path)).toMatchObject({ id_token: 'new-id', hint: 'x', profile: { name: 'Alice' } })
    expect((await store.read('default')).record?.tokens?.extra).toEqual({
      id_token: 'new-id',
      hint: 'x',
      profile: 'of the answer',
    })
    await set(store, record('2', { revision: 2 }))
    expect(Object.keys(json(path)).sort()).toEqual([
      'access_token',
      'expires_at',
      'profile',
      'refresh_token',
      'token_type',
      'tokenflight',
    ])
  })

  test('parameters named like our own fields, or like nothing good, come back as they went in', async () => {
    const path = inPlace()
    const extra = JSON.parse(
      '{"expires_at": "2026-01-01", "tokenflight": 7, "scope": ["a"], "__proto__": {"x": 1}, "constructor": null, "gone": 1}',
    )
    extra.gone = undefined
    await set(fileStore(path), record('1', { tokens: tokens('1', { extra }) }))
    const read = (await fileStore(path).read('default')).record?.tokens?.extra
    expect(JSON.stringify(Object.entries(read ?? {}).sort())).toBe(
      JSON.stringify(
        Object.entries(extra)
          .filter(([name]) => name !== 'gone')
          .sort(),
      ),
    )
    expect(json(path)['expires_at']).toBe(1_764_000_123)
  })

  test('a deleted record leaves no token behind, and what stays is no credential', async () => {
    const path = put(inPlace(), {
      access_token: 'plain',
      refresh_token: 'plain',
      id_token: 'plain',
      expires_in: 3600,
      region: 'eu',
    })
    const store = fileStore(path)
    await set(store, undefined)
    expect(json(path)).toEqual({
      region: 'eu',
      tokenflight: {
        revision: 1,
        generation: 0,
        file: { format: 1, key: 'default', write: expect.any(String), deleted: true },
      },
    })
    expect((await store.read('default')).record).toBeUndefined()
  })
})

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

describe('S6 another program that writes beside our bookkeeping', () => {
  async function afterForeign(change: (file: Record<string, unknown>) => void) {
    const path = inPlace()
    const store = fileStore(path)
    const full = record('ours', {
      revision: 5,
      generation: 3,
      claim: claim('c'),
      outcome: { claimId: 'c', kind: 'unknown', at: 1 },
      state: 'reauthorization_required',
      kept: { claimId: 'b', presentation: 1 },
      refreshAt: 9,
    })
    const version = await set(store, full)
    const file = json(path)
    change(file)
    put(path, file)
    return { store, path, version, full, now: await store.read('default') }
  }

  test.for(['access_token', 'refresh_token'])(
    'a new %s is a sign-in: claim, outcome and state were about other tokens',
    async (name) => {
      const { now, store, version } = await afterForeign((file) => {
        file[name] = 'theirs'
        file['expires_at'] = 1_800_000_000
      })
      expect(now.record).toEqual({
        tokens: expect.objectContaining({
          [name === 'access_token' ? 'accessToken' : 'refreshToken']: 'theirs',
          expiresAt: 1_800_000_000_000,
        }),
        revision: 5,
        generation: 4,
      })
      expect(await store.compareAndSet('default', version, record('late'))).toEqual({ ok: false })
      await set(store, { ...record('x'), ...now.record, revision: 6 })
      expect((await store.read('default')).record?.generation).toBe(4)
    },
  )

  test('new tokens beside an expiry that nobody has changed expire when they say themselves, or nobody knows when', async () => {
    const { now } = await afterForeign((file) => {
      file['access_token'] = 'theirs'
    })
    expect(now.record?.tokens).not.toHaveProperty('expiresAt')
    const { now: lasting } = await afterForeign((file) => {
      Object.assign(file, { access_token: 'theirs', expires_in: 60, obtained_at: 1_800_000_000 })
    })
    expect(lasting.record?.tokens).toMatchObject({ obtainedAt: 1_800_000_000_000, expiresAt: 1_800_000_060_000 })
  })

  test('removed tokens are a sign-out', async () => {
    const { now } = await afterForeign((file) => {
      delete file['access_token']
      delete file['refresh_token']
    })
    expect(now.record).toBeUndefined()
  })

  test('tokens that appear where our own sign-out was are a sign-in', async () => {
    const path = inPlace()
    const store = fileStore(path)
    await set(store, record('1', { generation: 7 }))
    await set(store, undefined)
    put(path, { ...json(path), access_token: 'theirs' })
    expect((await store.read('default')).record).toMatchObject({ tokens: { accessToken: 'theirs' }, generation: 8 })
  })

  test('an unknown field changes the version and nothing else', async () => {
    const { now, version, full } = await afterForeign((file) => {
      file['theme'] = 'dark'
    })
    expect(now.record).toEqual(full)
    expect(now.version).not.toBe(version)
  })

  test.for([
    ['nonsense', 'nonsense'],
    ['no revision', { generation: 1, file: {} }],
    [
      'a claim without a holder',
      { revision: 1, generation: 1, claim: { id: 'c' }, file: { format: 1, key: 'default', write: 'w' } },
    ],
    ['no times', { revision: 1, generation: 1, file: { format: 1, key: 'default', write: 'w', fingerprint: 'f' } }],
    ['broken notes', { revision: 1, generation: 1, file: { format: 0 } }],
    ['a broken outcome', { revision: 1, generation: 1, outcome: 1, file: { format: 1, key: 'default', write: 'w' } }],
    ['a broken kept', { revision: 1, generation: 1, kept: {}, file: { format: 1, key: 'default', write: 'w' } }],
  ])('bookkeeping that is %s is corrupt, not ignored: it might have held a claim', async ([, tokenflight]) => {
    const path = put(inPlace(), { access_token: 'a', tokenflight })
    await expect(fileStore(path).read('default')).rejects.toMatchObject({
      code: 'store_corrupt',
      message: expect.stringContaining('"tokenflight"'),
    })
  })

  test('bookkeeping of a newer release is not touched', async () => {
    const path = put(inPlace(), { access_token: 'a', tokenflight: { revision: 1, file: { format: 2 } } })
    const store = fileStore(path)
    await expect(store.read('default')).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('Upgrade'),
    })
    await expect(store.compareAndSet('default', 'absent', record('1'))).rejects.toMatchObject({ code: 'store_failed' })
  })
})
