import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createTokenManager, type EncryptionKey, encryptedStore, memoryStore } from '../src/index.ts'
import { failure, newer, older, record, write } from './encryption-kit.ts'

describe('S10 encryption at rest', () => {
  afterEach(() => vi.restoreAllMocks())

  test('an older key still decrypts, and the next write is with the newest', async () => {
    const engine = memoryStore()
    await write(encryptedStore(engine, { keys: [older] }), 'alice', record)
    const store = encryptedStore(engine, { keys: [newer, older] })
    expect((await store.read('alice')).record).toEqual(record)
    await write(store, 'alice', record)
    expect((await encryptedStore(engine, { keys: [newer] }).read('alice')).record).toEqual(record)
  })

  test('a key that is missing is named in the error, and is not "no credential"', async () => {
    const engine = memoryStore()
    await write(encryptedStore(engine, { keys: [older] }), 'alice', record)
    const before = await engine.read('alice')
    const grant = vi.fn(async () => ({ access_token: 'x' }))
    const tokens = createTokenManager({ key: 'alice', store: encryptedStore(engine, { keys: [newer] }), grant })
    const error = await failure(tokens.getAccessToken())
    expect(error?.code).toBe('invalid_option')
    expect(error?.message).toContain('has no key "2025"')
    expect(grant).not.toHaveBeenCalled()
    expect(await engine.read('alice')).toEqual(before)
    await tokens.close()
  })

  test('a key function is asked once, and again only for a key it did not bring', async () => {
    const engine = memoryStore()
    let known = [older]
    const source = vi.fn(async () => known)
    const store = encryptedStore(engine, { keys: source })
    await write(store, 'alice', record)
    await store.read('alice')
    expect(source).toHaveBeenCalledTimes(1)

    known = [newer, older]
    await write(encryptedStore(engine, { keys: [newer, older] }), 'alice', record)
    expect((await store.read('alice')).record).toEqual(record)
    expect(source).toHaveBeenCalledTimes(2)
    await store.read('alice')
    expect(source).toHaveBeenCalledTimes(2)
  })

  test('a key function that fails says nothing of what it threw, and is asked again by the next one', async () => {
    const engine = memoryStore()
    const source = vi.fn<() => Promise<EncryptionKey[]>>()
    source.mockRejectedValueOnce(new Error('vault-canary')).mockResolvedValue([newer])
    const store = encryptedStore(engine, { keys: source })
    const { version } = await store.read('alice')
    const error = await failure(store.compareAndSet('alice', version, record))
    expect(error?.code).toBe('store_failed')
    expect(inspect(error)).not.toContain('canary')
    await write(store, 'alice', record)
    expect((await store.read('alice')).record).toEqual(record)
  })

  test('a key function that fails takes away no key that it brought before', async () => {
    const engine = memoryStore()
    await write(encryptedStore(engine, { keys: [older] }), 'bob', record)
    const source = vi.fn<() => Promise<EncryptionKey[]>>().mockResolvedValueOnce([newer])
    source.mockRejectedValue(new Error('the vault is away'))
    const store = encryptedStore(engine, { keys: source })
    await write(store, 'alice', record)
    // Another key would have to be asked for, which fails; alice's is known.
    expect((await failure(store.read('bob')))?.code).toBe('store_failed')
    expect((await store.read('alice')).record).toEqual(record)
    await write(store, 'alice', record)
    // Before first tokens it is asked too, and what is known will do.
    const { claim, ...signedIn } = { ...record, revision: 1, generation: 1 }
    const calls = source.mock.calls.length
    await write(store, 'carol', signedIn)
    expect(source).toHaveBeenCalledTimes(calls + 1)
    expect((await store.read('carol')).record).toEqual(signedIn)
  })

  test('a key function is asked once by all who miss a key at the same time', async () => {
    const engine = memoryStore()
    await write(encryptedStore(engine, { keys: [older] }), 'alice', record)
    const source = vi.fn(async () => [newer])
    const store = encryptedStore(engine, { keys: source })
    await write(store, 'bob', record)
    const errors = await Promise.all(Array.from({ length: 50 }, () => failure(store.read('alice'))))
    expect(new Set(errors.map((error) => error?.code))).toEqual(new Set(['invalid_option']))
    expect(source).toHaveBeenCalledTimes(2)
  })

  test('first tokens are encrypted with the newest key there is, as nothing has named it yet', async () => {
    const engine = memoryStore()
    let known = [older]
    const store = encryptedStore(engine, { keys: async () => known })
    await write(store, 'alice', record)
    known = [newer, older]
    const { claim, ...signedIn } = { ...record, revision: 1, generation: 1 }
    await write(store, 'bob', signedIn)
    expect((await engine.read('bob')).record?.tokens?.accessToken).toMatch(/^tf1\.2026\./)
  })

  test('a CryptoKey of the right kind does, one that cannot encrypt does not', async () => {
    const make = (usages: ('encrypt' | 'decrypt')[]) =>
      crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, usages)
    const store = encryptedStore(memoryStore(), { keys: [{ id: 'k', key: await make(['encrypt', 'decrypt']) }] })
    await write(store, 'alice', record)
    expect((await store.read('alice')).record).toEqual(record)
    const half = await make(['decrypt'])
    expect(() => encryptedStore(memoryStore(), { keys: [{ id: 'k', key: half }] })).toThrow(/usages/)
  })
})
