import type { Holder, TokenRecord, TokenStore } from '@tokenflight/core'
import { type FileOperations, fileStore } from '@tokenflight/store-file'
import { createDocument } from '../../packages/store-file/src/document.ts'
import { withMtimeLock } from './mtime-lock.ts'
import { Asking, Hints, reach, type SharedStore, type Surroundings } from './shared-store.ts'
import { type File, SimulatedDisk, systemError } from './simulated-disk.ts'
import type { SimulatedProcess } from './simulated-process.ts'

type Kind = 'read' | 'write' | 'move'

// No such directory: what the real file store asks the real system (to watch it) comes to nothing, and hints are simulated.
const given = '/simulated/home/credentials.json'
const linked = '/simulated/data/shared.json'

/**
 * The real file store of every process, over one simulated disk. Each system call takes its time, is a point where anything else may
 * happen, and may fail; a file is written in two steps, so that a reader could see half of it.
 */
export class SharedFile implements SharedStore {
  sequence = 0
  readonly #world: Surroundings
  readonly #hints: Hints
  readonly #asking = new Asking()
  readonly #disk: SimulatedDisk
  /** Where the credential truly is. */
  readonly #file: string
  readonly #document = createDocument(given, 'default', [])
  readonly #users = new Set<SimulatedProcess>()
  /** System calls that were made to fail. */
  #troubles = 0
  #read: { bytes: Buffer; record: TokenRecord | undefined } | undefined

  constructor(world: Surroundings) {
    this.#world = world
    this.#hints = new Hints(world)
    this.#disk = new SimulatedDisk(() => Date.UTC(2030, 0, 1) + Math.floor(world.now()))
    const { random } = world
    this.#file = random.chance(0.5) ? linked : given
    if (this.#file === given && random.chance(0.5)) return
    // Another program's file, and a link to it.
    this.#disk.mkdir('/simulated/home', true)
    this.#disk.mkdir('/simulated/data', true)
    if (this.#file === linked) this.#disk.symlink('../data/shared.json', given)
    const file = this.#disk.open(this.#file, 'wx')
    if (file.kind === 'file') Object.assign(file, { bytes: Buffer.from('{"theme":"dark"}\n'), mode: 0o640 })
  }

  get record(): TokenRecord | undefined {
    const found = this.#content()
    if (found === undefined) return undefined
    if (this.#read?.bytes !== found.bytes) {
      const { bytes, mtimeMs: writtenAt } = found
      this.#read = { bytes, record: this.#document.read({ bytes, writtenAt }).record }
    }
    return structuredClone(this.#read.record)
  }

  watchersOf(processes: readonly SimulatedProcess[]): number {
    return this.#hints.of(processes)
  }

  storeOf(process: SimulatedProcess): TokenStore {
    const { weather, touched, now } = this.#world
    this.#users.add(process)
    const operations = this.#operations(process)
    const store = fileStore(given, {
      operations,
      timing: process.timing,
      identity: { self: process.holder, stateOf: (holder) => this.#stateOf(process, holder) },
    })
    const { mtimeLocks = false } = this.#world
    const used = mtimeLocks ? withMtimeLock(store, operations, this.#document, this.#file, process) : store
    return {
      ...store,
      read(key) {
        touched(process, 'read')
        return store.read(key)
      },
      compareAndSet: (key, version, record) => {
        touched(process, 'write')
        this.#asking.note(record, now())
        return used.compareAndSet(key, version, record)
      },
      watch: (_, listener) => this.#hints.watch(process, listener),
      holderState: weather.proof ? store.holderState : async () => 'unknown',
    }
  }

  /** I8: what the credential's file was it still is, and what the dead have left behind is bounded. */
  judgeRest(): void {
    const { violate } = this.#world
    const file = this.#content()
    if (file === undefined) return
    const foreign = this.#disk.open(this.#file, 'r') === file && file.mode === 0o640
    if (this.#file === linked) {
      if (this.#disk.realpath(given) !== linked) violate('I8', 'the symbolic link is gone')
      if (!foreign) violate('I8', `the mode of the file has become ${file.mode.toString(8)}`)
    }
    if (foreign && !file.bytes.includes('"theme"')) violate('I8', "another program's field is gone")
    const directory = this.#file === linked ? '/simulated/data' : '/simulated/home'
    const left = this.#disk.readdir(directory).filter((name) => name.includes('.lock.'))
    const killed = [...this.#users].filter(({ killed }) => killed).length
    // Of each: the entry that it was preparing, the space that it had reserved, and what was put aside when it was put out. And whoever
    // wanted to clean up and could not.
    if (left.length > 3 * killed + this.#troubles)
      violate('I8', `${killed} killed processes and ${this.#troubles} failures have left ${left.length} entries`)
  }

  #content(): File | undefined {
    try {
      const found = this.#disk.stat(this.#file)
      return found.kind === 'file' ? found : undefined
    } catch {
      return undefined
    }
  }

  #stateOf(process: SimulatedProcess, { host, pid = 0 }: Holder) {
    if (!this.#world.weather.proof || host !== process.holder.host) return 'unknown'
    return this.#world.isDead(pid) ? 'dead' : 'alive'
  }

  /** One system call of a process. */
  #call<T>(process: SimulatedProcess, kind: Kind, at: string, apply: () => T): Promise<T> {
    const { weather, random, down } = this.#world
    return reach(this.#world, process, weather.storeLatency / 10, () => {
      const code = kind === 'write' ? 'ENOSPC' : 'EIO'
      const likely = { read: weather.readFails, write: weather.writeFails, move: 0 }[kind] / 4
      if (down(process) || random.chance(likely)) {
        this.#troubles++
        throw systemError(code, at)
      }
      return apply()
    })
  }

  #rename(process: SimulatedProcess, from: string, to: string): void {
    if (to !== this.#file) {
      this.#disk.rename(from, to)
      return
    }
    const { log, violate, written, now } = this.#world
    const before = this.record
    this.#disk.rename(from, to)
    let after: TokenRecord | undefined
    try {
      after = this.record
    } catch (error) {
      violate('I4', `the file now holds what cannot be read: ${String(error)}`)
      return
    }
    this.sequence++
    log(process, () => 'publishes')
    written({ sequence: this.sequence, writer: process, askedAt: this.#asking.at(after, now()), before, after })
    this.#hints.tell()
  }

  #operations(process: SimulatedProcess): FileOperations {
    const disk = this.#disk
    const { weather, random, log } = this.#world
    const call = <T>(kind: Kind, at: unknown, apply: (at: string) => T): Promise<T> =>
      this.#call(process, kind, String(at), () => apply(String(at)))
    const now = () => Date.UTC(2030, 0, 1) + Math.floor(this.#world.now())
    const open = async (at: unknown, flags: unknown) => {
      // Numbers are flags for reading.
      const mode = typeof flags === 'number' ? 'r' : String(flags)
      const file = await call(mode === 'r' ? 'read' : 'write', at, (it) => disk.open(it, mode))
      const contents = (kind: Kind, apply: (it: File) => void) =>
        call(kind, at, () => {
          if (file.kind !== 'file') throw systemError('EISDIR', String(at))
          apply(file)
        })
      return {
        stat: () => call('read', at, () => status(file)),
        async readFile(encoding?: 'utf8') {
          let bytes: Buffer = Buffer.alloc(0)
          await contents('read', (it) => {
            bytes = it.bytes
          })
          return encoding === undefined ? bytes : bytes.toString(encoding)
        },
        async read(buffer: Uint8Array, offset: number, length: number, position: number) {
          let bytesRead = 0
          await contents('read', ({ bytes }) => {
            bytesRead = bytes.copy(buffer, offset, position, position + length)
          })
          return { bytesRead, buffer }
        },
        async writeFile(content: Uint8Array) {
          for (const end of [content.byteLength >> 1, content.byteLength])
            await contents('write', (it) => {
              const rest = it.bytes.subarray(end)
              Object.assign(it, { bytes: Buffer.concat([content.subarray(0, end), rest]), mtimeMs: now() })
            })
        },
        truncate: (length: number) =>
          contents('move', (it) => void Object.assign(it, { bytes: it.bytes.subarray(0, length) })),
        chmod: (mode: number) => contents('move', (it) => void Object.assign(it, { mode })),
        chown: () => Promise.reject(systemError('EPERM', String(at))),
        sync: () => call('move', at, () => {}),
        close: async () => {},
      }
    }
    const operations = {
      open,
      mkdir: (at: unknown, options?: { recursive?: boolean }) =>
        call('write', at, (it) => disk.mkdir(it, options?.recursive)),
      readdir: (at: unknown) => call('read', at, (it) => disk.readdir(it)),
      readlink: (at: unknown) => call('move', at, (it) => disk.readlink(it)),
      realpath: (at: unknown) => call('read', at, (it) => disk.realpath(it)),
      rename: (from: unknown, to: unknown) =>
        call('move', from, (it) => {
          this.#rename(process, it, String(to))
          if (!random.chance(weather.writeReplyLost / 2)) return
          this.#troubles++
          log(process, () => 'has renamed, and is told that the disk failed')
          throw systemError('EIO', it)
        }),
      rmdir: (at: unknown) => call('move', at, (it) => disk.rmdir(it)),
      stat: (at: unknown) => call('read', at, (it) => status(disk.stat(it))),
      unlink: (at: unknown) => call('move', at, (it) => disk.unlink(it)),
    }
    // Of the many overloads in node:fs, and of a FileHandle, what the store uses; anything else would fail at once, as no function.
    return operations as unknown as FileOperations
  }
}

function status(found: { kind: string; mtimeMs: number; mode?: number; bytes?: Uint8Array }) {
  return {
    ...{ mode: found.mode ?? 0o700, uid: 0, gid: 0, size: found.bytes?.byteLength ?? 0, mtimeMs: found.mtimeMs },
    isFile: () => found.kind === 'file',
    isDirectory: () => found.kind === 'directory',
  }
}
