import path from 'node:path'

/** What is at a path. */
type Node = Directory | File | { kind: 'link'; target: string }

interface Directory {
  kind: 'directory'
  /** In the order in which they came. */
  entries: Map<string, Node>
  mtimeMs: number
}

export interface File {
  kind: 'file'
  bytes: Buffer
  mode: number
  mtimeMs: number
}

/** A file system in memory, as POSIX has it, each call at once. What is about time, chance and trouble is somebody else's. */
export class SimulatedDisk {
  readonly #root: Directory
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
    this.#root = this.#newDirectory()
  }

  mkdir(at: string, recursive = false): string | undefined {
    const parent = path.dirname(at)
    let first: string | undefined
    if (recursive && this.#find(parent) === undefined) first = this.mkdir(parent, true)
    const found = this.#find(at)
    if (found !== undefined && (!recursive || found.kind !== 'directory')) throw systemError('EEXIST', at)
    if (found !== undefined) return undefined
    this.#insert(at, this.#newDirectory())
    return first ?? at
  }

  open(at: string, flags: string): File | Directory {
    const found = this.#find(this.realpath(at, true))
    if (flags === 'wx') {
      if (found !== undefined) throw systemError('EEXIST', at)
      const file: File = { kind: 'file', bytes: Buffer.alloc(0), mode: 0o600, mtimeMs: this.#now() }
      this.#insert(at, file)
      return file
    }
    if (found === undefined || found.kind === 'link') throw systemError('ENOENT', at)
    if (found.kind === 'directory' && flags !== 'r') throw systemError('EISDIR', at)
    return found
  }

  readdir(at: string): string[] {
    return [...this.#directory(this.realpath(at)).entries.keys()]
  }

  readlink(at: string): string {
    const found = this.#find(at)
    if (found === undefined) throw systemError('ENOENT', at)
    if (found.kind !== 'link') throw systemError('EINVAL', at)
    return found.target
  }

  /** @param dangling Whether its last part may be missing. */
  realpath(at: string, dangling = false): string {
    const found = this.#find(at)
    if (found?.kind === 'link') return this.realpath(path.resolve(path.dirname(at), found.target), dangling)
    if (found === undefined && !dangling) throw systemError('ENOENT', at)
    return at
  }

  stat(at: string): File | Directory {
    const found = this.#find(this.realpath(at))
    if (found === undefined || found.kind === 'link') throw systemError('ENOENT', at)
    return found
  }

  /** Replaces a file by a file, and an empty directory by a directory: one step, or nothing. */
  rename(from: string, to: string): void {
    const moved = this.#find(from)
    if (moved === undefined) throw systemError('ENOENT', from)
    const replaced = this.#find(to)
    if (replaced?.kind === 'directory') {
      if (moved.kind !== 'directory') throw systemError('EISDIR', to)
      if (replaced.entries.size > 0) throw systemError('ENOTEMPTY', to)
    } else if (replaced !== undefined && moved.kind === 'directory') throw systemError('ENOTDIR', to)
    this.#remove(from)
    this.#insert(to, moved)
  }

  rmdir(at: string): void {
    if (this.#directory(at).entries.size > 0) throw systemError('ENOTEMPTY', at)
    this.#remove(at)
  }

  unlink(at: string): void {
    const found = this.#find(at)
    if (found === undefined) throw systemError('ENOENT', at)
    if (found.kind === 'directory') throw systemError('EISDIR', at)
    this.#remove(at)
  }

  symlink(target: string, at: string): void {
    this.#insert(at, { kind: 'link', target })
  }

  #newDirectory(): Directory {
    return { kind: 'directory', entries: new Map(), mtimeMs: this.#now() }
  }

  #find(at: string): Node | undefined {
    const names = at.split('/').filter((name) => name !== '')
    let node: Node | undefined = this.#root
    for (const name of names) {
      if (node?.kind !== 'directory') return undefined
      node = node.entries.get(name)
    }
    return node
  }

  #directory(at: string): Directory {
    const found = this.#find(at)
    if (found === undefined) throw systemError('ENOENT', at)
    if (found.kind !== 'directory') throw systemError('ENOTDIR', at)
    return found
  }

  #insert(at: string, node: Node): void {
    const parent = this.#directory(path.dirname(at))
    parent.entries.set(path.basename(at), node)
    parent.mtimeMs = this.#now()
  }

  #remove(at: string): void {
    const parent = this.#directory(path.dirname(at))
    parent.entries.delete(path.basename(at))
    parent.mtimeMs = this.#now()
  }
}

export function systemError(code: string, at: string): Error & { code: string } {
  return Object.assign(new Error(`${code}, simulated '${path.basename(at)}'`), { code })
}
