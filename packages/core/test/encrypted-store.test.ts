import { describe, expect, test } from 'vitest'
import { createTokenManager, defineGrant, type EncryptionKey, encryptedStore, memoryStore } from '../src/index.ts'
import { bytes, failure, newer, older, record, write } from './encryption-kit.ts'

describe('S10 encryption at rest', () => {
  test('what the engine is given holds no token, and claims stay readable', async () => {
    const engine = memoryStore()
    await write(encryptedStore(engine, { keys: [newer] }), 'alice', record)
    const { record: stored } = await engine.read('alice')
    expect(JSON.stringify(stored)).not.toContain('canary')
    expect(stored).toMatchObject({ revision: 4, generation: 2, claim: record.claim })
    expect((await encryptedStore(engine, { keys: [newer] }).read('alice')).record).toEqual(record)
  })

  test('a field that this version does not know is encrypted too', async () => {
    const engine = memoryStore()
    const store = encryptedStore(engine, { keys: [newer] })
    const extended = { ...record, later: { accessToken: 'other-canary' } }
    await write(store, 'alice', extended)
    expect(JSON.stringify((await engine.read('alice')).record)).not.toContain('canary')
    expect((await store.read('alice')).record).toEqual(extended)
  })

  test('so are the tokens of further audiences, also where there is no default one', async () => {
    const api = { tokens: { accessToken: 'other-canary', tokenType: 'Bearer', obtainedAt: 1 } }
    for (const extended of [
      { ...record, audiences: { api } },
      { revision: 1, generation: 1, audiences: { api } },
    ]) {
      const engine = memoryStore()
      const store = encryptedStore(engine, { keys: [newer] })
      await write(store, 'alice', extended)
      expect(JSON.stringify((await engine.read('alice')).record)).not.toContain('canary')
      expect((await store.read('alice')).record).toEqual(extended)
    }
    const plain = memoryStore()
    await write(plain, 'alice', { revision: 1, generation: 1, audiences: { api } })
    await expect(encryptedStore(plain, { keys: [newer] }).read('alice')).rejects.toThrow(/not encrypted/)
  })

  test('the same tokens never look the same twice', async () => {
    const engine = memoryStore()
    const store = encryptedStore(engine, { keys: [newer] })
    await write(store, 'alice', record)
    const first = (await engine.read('alice')).record?.tokens?.accessToken
    await write(store, 'alice', record)
    expect((await engine.read('alice')).record?.tokens?.accessToken).not.toBe(first)
  })

  test('another key under the same id, changed content and content of another user are each an error that keeps the bytes', async () => {
    const engine = memoryStore()
    await write(encryptedStore(engine, { keys: [newer] }), 'alice', record)
    const sealed = (await engine.read('alice')).record
    const wrong = encryptedStore(engine, { keys: [{ id: '2026', key: bytes(9) }] })
    expect((await failure(wrong.read('alice')))?.code).toBe('store_corrupt')

    const store = encryptedStore(engine, { keys: [newer] })
    await write(engine, 'bob', sealed)
    expect((await failure(store.read('bob')))?.code).toBe('store_corrupt')

    const text = sealed?.tokens?.accessToken ?? ''
    const flipped = text.slice(0, -4) + (text.endsWith('AAAA') ? 'BBBB' : 'AAAA')
    for (const broken of [flipped, 'tf1', 'tf9.2026.AAAA.AAAA', 'tf1.2026.%%.%%', '']) {
      const tokens = { accessToken: broken, tokenType: 'encrypted', obtainedAt: 0 }
      await write(engine, 'alice', { revision: 5, generation: 2, tokens })
      const before = await engine.read('alice')
      expect((await failure(store.read('alice')))?.code, broken).toBe('store_corrupt')
      expect(await engine.read('alice')).toEqual(before)
    }
  })

  test('a record that is not encrypted is refused, unless it is to be taken over', async () => {
    const engine = memoryStore()
    await write(engine, 'alice', record)
    const error = await failure(encryptedStore(engine, { keys: [newer] }).read('alice'))
    expect(error?.code).toBe('invalid_option')
    expect(error?.message).toContain('acceptPlaintext')
    const takingOver = encryptedStore(engine, { keys: [newer], acceptPlaintext: true })
    expect((await takingOver.read('alice')).record).toEqual(record)
    await write(takingOver, 'alice', record)
    expect((await encryptedStore(engine, { keys: [newer] }).read('alice')).record).toEqual(record)
  })

  test('a manager without the key never sends the ciphertext anywhere', async () => {
    const engine = memoryStore()
    await write(encryptedStore(engine, { keys: [newer] }), 'default', record)
    const { createAuthorizer } = await import('../src/index.ts')
    const tokens = createTokenManager({ store: engine, grant: async () => ({ access_token: 'x' }) })
    const request = createAuthorizer(tokens, { origins: 'https://api.example' }).begin({ url: 'https://api.example/' })
    const error = await failure(Promise.resolve(request?.authorize()))
    expect(error?.code).toBe('invalid_option')
    expect(error?.message).not.toContain('tf1.')
    await tokens.close()
  })

  test('a whole refresh goes through it, and a second process sees the result', async () => {
    const engine = memoryStore()
    let redeemed = 0
    const grant = defineGrant(async ({ previous }) => {
      expect(previous?.refreshToken).toBe(`rt-${redeemed}`)
      redeemed++
      return { access_token: `at-${redeemed}`, refresh_token: `rt-${redeemed}`, expires_in: 3600 }
    })
    const open = () => createTokenManager({ store: encryptedStore(engine, { keys: [newer] }), grant })
    const [first, second] = [open(), open()]
    await first.setTokens({ access_token: 'at-0', refresh_token: 'rt-0', expires_in: 3600 })
    const both = await Promise.all([first, second].map((each) => each.getAccessToken({ rejected: 'at-0' })))
    expect(both.map((token) => token.accessToken)).toEqual(['at-1', 'at-1'])
    expect(redeemed).toBe(1)
    await Promise.all([first.close(), second.close()])
  })

  test('what an interrupted commit left behind is decrypted, and only for its own credential', async () => {
    const engine = memoryStore()
    await write(encryptedStore(engine, { keys: [older] }), 'alice', record)
    const left = { ...engine, salvage: async () => (await engine.read('alice')).record }
    const store = encryptedStore(left, { keys: [newer, older] })
    expect(await store.salvage?.('alice', 'c1')).toEqual(record)
    expect((await failure(store.salvage?.('bob', 'c1') ?? Promise.resolve()))?.code).toBe('store_corrupt')
  })

  test('options that are wrong are named', () => {
    const cases: [unknown, RegExp][] = [
      [undefined, /`keys` takes a list/],
      [[], /`keys` takes a list/],
      [[{ id: 'a b', key: bytes(1) }], /`id`/],
      [[{ id: 'a', key: new Uint8Array(16) }], /32 bytes/],
      [[{ id: 'a', key: 'secret-canary' }], /32 bytes/],
      [[older, older], /two keys/],
    ]
    for (const [keys, message] of cases) {
      expect(() => encryptedStore(memoryStore(), { keys: keys as EncryptionKey[] })).toThrow(message)
    }
    expect(() => encryptedStore(undefined as never, { keys: [older] })).toThrow(/no store/)
  })
})
