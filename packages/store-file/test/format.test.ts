import { readFileSync } from 'node:fs'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { inPlace, json, put, record, set, tokens } from './place.ts'

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
