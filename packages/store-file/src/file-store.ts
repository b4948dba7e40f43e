import path from 'node:path'
import { type Holder, isTokenError, sleep, type TokenRecord, type TokenStore } from '@tokenflight/core'
import { type Change, compareAndSet } from './compare-and-set.ts'
import { type Content, createDocument, type Document } from './document.ts'
import { invalidOption, storeFailed } from './errors.ts'
import { removeLeftovers } from './leftovers.ts'
import { createSharedLoad, load } from './load.ts'
import { ignore, together } from './operations.ts'
import { type FileStoreOptions, readOptions } from './options.ts'
import { absolutePath, fileNameOf, fileNamePattern, realFile } from './path.ts'
import { salvage } from './salvage.ts'
import { createSpares } from './spares.ts'
import { createWatches } from './watch.ts'

/** All of {@link TokenStore}, and where it keeps things. */
export interface FileStore extends Required<TokenStore> {
  /** Absolute. The file, or with `directory` the directory. */
  readonly path: string
}

/** A writer that is no participant may be in the middle of its write when we read. One that takes longer left a broken file. */
const secondLook = 50
/** Leftovers are looked for on the first write and then on every so many. */
const tidyEvery = 256

/**
 * Keeps a credential in a JSON file that any number of processes on this host share, with other programs too. The file has the names of
 * RFC 6749 (`access_token`, `refresh_token`, ...; `expires_at` in epoch seconds) and what we need beyond them under `tokenflight`;
 * everything else in it stays. Writes are atomic and durable; mode, owner and symbolic links survive; a new file is 0600 in a 0700
 * directory.
 *
 * @param pathOrUrl A path, where `~` is the home directory, or a `file:` URL. Relative paths are resolved now.
 * @throws {TokenError} `invalid_option`
 */
export function fileStore(pathOrUrl: string | URL, options: FileStoreOptions = {}): FileStore {
  const root = absolutePath(pathOrUrl)
  const { tools, pointer, directory } = readOptions(options)
  const { operations, timing, identity } = tools
  const { self } = identity
  const spares = createSpares(tools)
  const watches = createWatches()
  let only: string | undefined
  let writes = 0

  function fileOf(key: string): string {
    if (directory) return path.join(root, fileNameOf(key))
    only ??= key
    if (key !== only)
      throw invalidOption(
        `fileStore: the file ${root} keeps one credential, that of the key ${JSON.stringify(only)}; it was asked for ${JSON.stringify(key)}. Keep one file per key instead: fileStore(directory, { directory: true }).`,
      )
    return root
  }

  const loadNow = (file: string) => load(operations, file)
  const loadTogether = createSharedLoad(loadNow)

  /** Content that can be read, on the second look at the latest. */
  async function loadSound(file: string, document: Document, first = loadNow): Promise<Content | undefined> {
    const content = await first(file)
    try {
      document.read(content)
      return content
    } catch (error) {
      if (!isTokenError(error) || error.code !== 'store_corrupt') throw error
    }
    await sleep(timing, secondLook)
    const again = await loadNow(file)
    document.read(again)
    return again
  }

  async function holdsClaim(file: string, document: Document, id: string | undefined): Promise<boolean> {
    try {
      return document.read(await loadNow(file)).record?.claim?.id === id
    } catch {
      // Nobody can tell: space for nothing is the smaller harm.
      return true
    }
  }

  async function tidyNowAndThen(file: string): Promise<void> {
    if (writes++ % tidyEvery !== 0) return
    const isOurs = (name: string): boolean => (directory ? fileNamePattern.test(name) : name === path.basename(file))
    await removeLeftovers(tools, path.dirname(file), isOurs).catch(ignore)
  }

  return {
    path: root,
    async read(key) {
      const file = fileOf(key)
      const document = createDocument(file, key, pointer)
      try {
        const stored = document.read(await loadSound(file, document, loadTogether))
        watches.renew()
        return stored
      } catch (error) {
        throw storeFailed('read', file, error)
      }
    },
    async compareAndSet(key, version, record) {
      const given = fileOf(key)
      const document = createDocument(given, key, pointer)
      try {
        const [file, first] = await together(realFile(operations, given), loadSound(given, document))
        let reserving = false
        const change: Change = {
          first,
          load: (sound) => (sound ? loadSound(file, document) : loadNow(file)),
          isCurrent: (content) => document.read(content).version === version,
          compose: (content) => document.write(content, record),
          reserved: (next, like) => spares.use(file, next, like),
          ...(isClaimOf(record, self) && {
            claim(next) {
              const again = reserving
              reserving = true
              return again ? Promise.resolve() : spares.ensure(file, next.byteLength)
            },
          }),
        }
        let next: Uint8Array | undefined
        let stands = false
        try {
          next = await compareAndSet(tools, file, change)
        } catch (error) {
          // It may have come about all the same; whoever made it looks, and goes on to the request and to its commit.
          stands = reserving && (await holdsClaim(file, document, record?.claim?.id))
          throw error
        } finally {
          if (reserving && next === undefined && !stands) await spares.drop(file)
        }
        if (next === undefined) return { ok: false }
        watches.renew()
        await tidyNowAndThen(file)
        return { ok: true, version: document.read({ bytes: next, writtenAt: 0 }).version }
      } catch (error) {
        throw storeFailed('write', given, error)
      }
    },
    watch(key, listener) {
      return watches.add(fileOf(key), listener)
    },
    async salvage(key, claimId) {
      const given = fileOf(key)
      const document = createDocument(given, key, pointer)
      try {
        const file = await realFile(operations, given)
        return await salvage(tools, file, claimId, loadNow, (content) => document.read(content).record)
      } catch (error) {
        throw storeFailed('read', given, error)
      }
    },
    location: fileOf,
    holder: () => ({ ...self }),
    holderState: async (holder) => identity.stateOf(holder),
    async close() {
      watches.close()
      await spares.close()
    },
  }
}

/** A claim of this very process and thread, whose outcome is therefore going to be written here. */
function isClaimOf(record: TokenRecord | undefined, self: Holder): boolean {
  const claim = record?.claim
  if (claim === undefined || claim.inDoubt === true) return false
  const { host, namespace, pid, startedAt, thread } = claim.holder
  return (
    host === self.host &&
    namespace === self.namespace &&
    pid === self.pid &&
    startedAt === self.startedAt &&
    thread === self.thread
  )
}
