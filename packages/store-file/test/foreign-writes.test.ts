import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { claim, inPlace, json, put, record, set } from './place.ts'

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
