import { TokenError } from './errors.ts'

/** By what makes one: the types of Node alone have this name for the value only. */
type CryptoKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

/** A key of AES-GCM. `id` names it in what is stored, so that older keys can still be found; it is no secret. */
export interface EncryptionKey {
  /** Letters, digits, `-` and `_`: `2026-11`, `k2`. */
  id: string
  /** A `CryptoKey` with the usages `encrypt` and `decrypt`, or the 32 bytes (AES-256) of one. */
  key: CryptoKey | Uint8Array
}

/**
 * The keys, newest first, or where they are to be had: asked at the first use, again when a record names a key that was not among
 * them, so that a new key needs no restart, and before the first tokens of a credential are stored.
 */
export type KeySource = readonly EncryptionKey[] | (() => readonly EncryptionKey[] | Promise<readonly EncryptionKey[]>)

export interface Keyring {
  /**
   * @param context What the ciphertext belongs to: it is of no use anywhere else.
   * @param first Nothing was there before: the keys may have gone with it, where they are kept in the same place.
   */
  encrypt(plaintext: Uint8Array<ArrayBuffer>, context: string, first: boolean): Promise<string>
  /** @throws TokenError `invalid_option` for a key that is not there; whatever WebCrypto throws for one that does not fit. */
  decrypt(sealed: string, context: string): Promise<ArrayBuffer>
}

type Keys = ReadonlyMap<string, CryptoKey>

/** @throws TokenError `invalid_option` */
export function keyring(source: KeySource): Keyring {
  if (typeof source !== 'function') checkKeys(source)
  /** What was brought last: a source that fails takes nothing away. */
  let known: Keys | undefined
  let asked: Promise<Keys> | undefined

  /** Once for all who ask at the same time; after a failure the next one asks again. */
  function ask(): Promise<Keys> {
    asked ??= importKeys(source)
      .then((brought) => {
        known = brought
        return brought
      })
      .finally(() => {
        asked = undefined
      })
    return asked
  }

  async function newest(first: boolean): Promise<[string, CryptoKey]> {
    const before = known
    const keys =
      before === undefined
        ? await ask()
        : first && typeof source === 'function'
          ? await ask().catch(() => before)
          : before
    const [key] = keys
    // Checked when they were brought.
    if (key === undefined) throw invalidKeys('is empty')
    return key
  }

  async function find(id: string): Promise<CryptoKey> {
    const found = (known ?? (await ask())).get(id) ?? (typeof source === 'function' ? (await ask()).get(id) : undefined)
    if (found !== undefined) return found
    throw invalidKeys(
      `has no key "${id}", with which a stored credential was encrypted. Keep older keys in the list, and give every process a new one before any encrypts with it`,
    )
  }

  return {
    async encrypt(plaintext, context, first) {
      const [id, key] = await newest(first)
      const iv = crypto.getRandomValues(new Uint8Array(12))
      const ciphertext = await crypto.subtle.encrypt(
        { name: 'AES-GCM', iv, additionalData: bound(id, context) },
        key,
        plaintext,
      )
      return [format, id, toBase64(iv), toBase64(new Uint8Array(ciphertext))].join('.')
    },
    async decrypt(sealed, context) {
      const [version, id, iv, ciphertext] = sealed.split('.')
      if (version !== format || !id || !iv || !ciphertext) throw new Error('not in a format of ours')
      const algorithm = { name: 'AES-GCM', iv: fromBase64(iv), additionalData: bound(id, context) }
      return await crypto.subtle.decrypt(algorithm, await find(id), fromBase64(ciphertext))
    },
  }
}

const format = 'tf1'

const bound = (id: string, context: string) => new TextEncoder().encode(JSON.stringify([format, id, context]))

async function importKeys(source: KeySource): Promise<Keys> {
  let keys: readonly EncryptionKey[]
  try {
    keys = typeof source === 'function' ? await source() : source
  } catch {
    // What it threw is not passed on: it is about secrets.
    throw new TokenError('store_failed', 'The `keys` function of encryptedStore failed. Nothing was read or written.')
  }
  checkKeys(keys)
  const entries = keys.map(async ({ id, key }): Promise<[string, CryptoKey]> => {
    if (!isBytes(key)) return [id, key]
    // A copy: the bytes may live in shared memory, or be wiped by their owner.
    return [id, await crypto.subtle.importKey('raw', Uint8Array.from(key), 'AES-GCM', false, ['encrypt', 'decrypt'])]
  })
  return new Map(await Promise.all(entries))
}

function checkKeys(keys: unknown): asserts keys is readonly EncryptionKey[] {
  if (!Array.isArray(keys) || keys.length === 0)
    throw invalidKeys('takes a list of { id, key }, newest first, or a function that returns one')
  const ids = new Set<string>()
  for (const entry of keys as unknown[]) {
    const { id, key } = (typeof entry === 'object' && entry !== null ? entry : {}) as { id?: unknown; key?: unknown }
    if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id))
      throw invalidKeys('needs an `id` for each key: letters, digits, "-" and "_", at most 64')
    if (ids.has(id)) throw invalidKeys(`has two keys with the id "${id}"`)
    ids.add(id)
    if (isBytes(key) ? key.length !== 32 : !isAesGcm(key))
      throw invalidKeys(
        `needs for "${id}" 32 bytes (AES-256), or a CryptoKey for AES-GCM with the usages encrypt and decrypt`,
      )
  }
}

const isBytes = (key: unknown): key is Uint8Array => key instanceof Uint8Array

function isAesGcm(key: unknown): key is CryptoKey {
  return (
    key instanceof CryptoKey &&
    key.algorithm.name === 'AES-GCM' &&
    key.usages.includes('encrypt') &&
    key.usages.includes('decrypt')
  )
}

function invalidKeys(problem: string): TokenError {
  return new TokenError('invalid_option', `encryptedStore: \`keys\` ${problem}.`)
}

// RFC 4648 section 5, without padding: every engine and every log keeps it as it is.
function toBase64(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
}
