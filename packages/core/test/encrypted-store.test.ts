import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  createTokenManager,
  defineGrant,
  type EncryptionKey,
  encryptedStore,
  findTokenError,
  memoryStore,
  type TokenRecord,
  type TokenStore,
} from '../src/index.ts'

const bytes = (fill: number) => new Uint8Array(32).fill(fill)
const older: EncryptionKey = { id: '2025', key: bytes(1) }
const newer: EncryptionKey = { id: '2026', key: bytes(2) }

const record: TokenRecord = {
  tokens: {
    accessToken: 'at-canary',
    tokenType: 'Bearer',
    refreshToken: 'rt-canary',
    obtainedAt: 1,
    extra: { id_token: 'id-canary' },
  },
  revision: 4,
  generation: 2,
  claim: { id: 'c1', holder: { host: 'h' }, claimedAt: 3, presentation: 1, since: 3 },
}

async function write(store: TokenStore, key: string, content: TokenRecord | undefined) {
  const { version } = await store.read(key)
  expect(await store.compareAndSet(key, version, content)).toMatchObject({ ok: true })
}

async function failure(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => findTokenError(thrown),
  )
  expect(error, 'it did not fail with a TokenError').toBeDefined()
  return error
}

describe('S10 encryption at rest', () => {
  afterEach(() => vi.restoreAllMocks())

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

  test('what an interrupted commit left behind is decrypted, and only for its own credential', async () => {
    const engine = memoryStore()
    await write(encryptedStore(engine, { keys: [older] }), 'alice', record)
    const left = { ...engine, salvage: async () => (await engine.read('alice')).record }
    const store = encryptedStore(left, { keys: [newer, older] })
    expect(await store.salvage?.('alice', 'c1')).toEqual(record)
    expect((await failure(store.salvage?.('bob', 'c1') ?? Promise.resolve()))?.code).toBe('store_corrupt')
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
