import type { TokenStore } from '@tokenflight/core'

/** What a case works with. It may have more fields: the other functions of the fixture are given it back. */
export interface StoreUnderTest {
  store: TokenStore
  /** The same data through another instance, as another process would have it. Absent: the store itself. */
  reopen?(): TokenStore | Promise<TokenStore>
  /** Removes the data; the stores are closed already. */
  dispose?(): void | Promise<void>
}

/** A program that opens the same data and then calls {@link serveStoreContract}. It is forked by Node. */
export interface ContractProcess {
  module: string | URL
  args?: readonly string[]
  execArgv?: readonly string[]
}

export interface StoreFixture<T extends StoreUnderTest = StoreUnderTest> {
  /** A store without any data, for one case. */
  create(): T | Promise<T>
  /** The store keeps one credential only, so nothing is asked about other keys. */
  oneKey?: boolean
  /** Adds the cases with processes that run, are killed and are stopped. */
  processes?(subject: T): ContractProcess
  /** Adds the case of a lost reply: the next compareAndSet of `subject.store` is applied, and rejects. */
  loseNextReply?(subject: T): void | Promise<void>
  /** Adds the case of an engine that is out of reach until the returned function is called. */
  interrupt?(subject: T): Promise<() => void | Promise<void>>
}

export interface StoreContractCase {
  /** A sentence. */
  name: string
  /** Resolves if the store keeps the promise; rejects with what it did instead. */
  run(): Promise<void>
  /** Milliseconds that it may take on a slow machine, for the test runner. */
  timeout: number
}

/** A case before it is bound to a fixture. */
export interface StoreCase<T extends StoreUnderTest = StoreUnderTest> {
  name: string
  timeout?: number
  check(subject: T): Promise<void>
}
