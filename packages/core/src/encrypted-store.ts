import { isTokenError, TokenError } from './errors.ts'
import { type Keyring, type KeySource, keyring } from './keyring.ts'
import type { TokenRecord, TokenStore } from './token-store.ts'

export interface EncryptedStoreOptions {
  /** The first one encrypts, all of them decrypt. */
  keys: KeySource
  /**
   * Takes over records that were stored before there was a key; their next write encrypts them. Default false: a record that is not
   * encrypted is an error, since whoever can write into the store could have put it there.
   */
  acceptPlaintext?: boolean | undefined
}

/**
 * The same store with everything secret in it encrypted by AES-GCM (NIST SP 800-38D), whatever the engine: claims, outcomes and times
 * stay readable, tokens do not. The ciphertext is bound to the record's key, so that nobody who can write into the store can hand one
 * user's tokens to another.
 *
 * A key that is missing or wrong is a TokenError (`invalid_option`, `store_corrupt`), never "no credential"; nothing is overwritten.
 *
 * @throws TokenError `invalid_option`
 */
export function encryptedStore(store: TokenStore, options: EncryptedStoreOptions): TokenStore {
  if (typeof store?.compareAndSet !== 'function')
    throw new TokenError(
      'invalid_option',
      'encryptedStore: no store. Pass it first: encryptedStore(fileStore(...), { keys }).',
    )
  const ring = keyring(options?.keys)
  const acceptPlaintext = options.acceptPlaintext ?? false

  async function open(key: string, record: TokenRecord | undefined): Promise<TokenRecord | undefined> {
    // Before the very first answer there is a claim and nothing to hide.
    if (record?.tokens === undefined && record?.audiences === undefined) return record
    const { tokens, ...shown } = record
    if (tokens?.tokenType === encrypted) return { ...shown, ...(await unseal(ring, key, tokens.accessToken)) }
    if (acceptPlaintext) return record
    throw new TokenError(
      'invalid_option',
      `The credential "${key}" is not encrypted. If it was stored before encryptedStore was used, pass acceptPlaintext: true until it has been written once; if not, do not trust it.`,
    )
  }

  return {
    async read(key) {
      const stored = await store.read(key)
      return { ...stored, record: await open(key, stored.record) }
    },
    async compareAndSet(key, version, record) {
      return await store.compareAndSet(key, version, record && (await seal(ring, key, record)))
    },
    close: async () => store.close?.(),
    ...(store.watch && { watch: (key: string, listener: () => void) => store.watch?.(key, listener) ?? (() => {}) }),
    ...(store.salvage && {
      salvage: async (key: string, claimId: string) => open(key, await store.salvage?.(key, claimId)),
    }),
    location: (key) => store.location?.(key),
    ...(store.holder && { holder: store.holder.bind(store) }),
    ...(store.holderState && { holderState: store.holderState.bind(store) }),
  }
}

/** As a token type, so that a manager without the key fails with a clear error instead of sending the ciphertext to an API. */
const encrypted = 'encrypted'

async function seal(ring: Keyring, key: string, record: TokenRecord): Promise<TokenRecord> {
  // What is not named here is encrypted: a field that a later version adds is secret until somebody decides otherwise.
  const { revision, generation, refreshAt, claim, outcome, state, kept, ...secret } = record
  if (Object.keys(secret).length === 0) return record
  const first = generation <= 1 && claim === undefined
  const sealed = await ring.encrypt(new TextEncoder().encode(JSON.stringify(secret)), key, first)
  const shown: TokenRecord = { ...record, tokens: { accessToken: sealed, tokenType: encrypted, obtainedAt: 0 } }
  for (const name of Object.keys(secret)) if (name !== 'tokens') Reflect.deleteProperty(shown, name)
  return shown
}

async function unseal(ring: Keyring, key: string, sealed: string): Promise<Pick<TokenRecord, 'tokens'>> {
  try {
    return JSON.parse(new TextDecoder().decode(await ring.decrypt(sealed, key)))
  } catch (error) {
    if (isTokenError(error)) throw error
    // WebCrypto says no more, and its error is not worth passing on.
    throw new TokenError(
      'store_corrupt',
      `The credential "${key}" cannot be decrypted: its key is another one under the same id, or what is stored was changed or moved here from another key. Nothing was overwritten.`,
    )
  }
}
