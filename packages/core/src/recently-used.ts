interface Entry<T> {
  readonly key: string
  readonly value: T
  /** Monotonic milliseconds. */
  usedAt: number
  older: Entry<T> | undefined
  newer: Entry<T> | undefined
}

/**
 * Values by key, in the order of their last use. Every operation takes the same time whatever their number: a list beside the map, since
 * a Map whose first entries come and go makes everyone who looks for its first one step over all that are gone.
 */
export class RecentlyUsed<T> {
  readonly #entries = new Map<string, Entry<T>>()
  #oldest: Entry<T> | undefined
  #newest: Entry<T> | undefined

  get size(): number {
    return this.#entries.size
  }

  get oldest(): Readonly<Pick<Entry<T>, 'key' | 'value' | 'usedAt'>> | undefined {
    return this.#oldest
  }

  /** Using it makes it the newest. */
  use(key: string, now: number): T | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    entry.usedAt = now
    if (entry !== this.#newest) {
      this.#unlink(entry)
      this.#append(entry)
    }
    return entry.value
  }

  /** Of a key that is not there yet. */
  add(key: string, value: T, now: number): void {
    const entry: Entry<T> = { key, value, usedAt: now, older: undefined, newer: undefined }
    this.#entries.set(key, entry)
    this.#append(entry)
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#unlink(entry)
  }

  clear(): void {
    this.#entries.clear()
    this.#oldest = undefined
    this.#newest = undefined
  }

  *values(): Generator<T> {
    for (const { value } of this.#entries.values()) yield value
  }

  #append(entry: Entry<T>): void {
    entry.older = this.#newest
    entry.newer = undefined
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
  }

  #unlink({ older, newer }: Entry<T>): void {
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
  }
}
