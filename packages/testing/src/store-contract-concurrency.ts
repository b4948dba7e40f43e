import type { CompareAndSetResult, TokenStore } from '@tokenflight/core'
import type { StoreCase, StoreUnderTest } from './store-contract-fixture.ts'
import { another, expectAbsent, expectSame, key, mustSet, simpleRecord, tell } from './store-contract-record.ts'

/** Compare-and-set: what all safety rests on. */
export const concurrencyCases: StoreCase[] = [
  {
    name: 'of 30 that create at once, through several instances, exactly one succeeds',
    async check(subject) {
      await race(subject, (await subject.store.read(key)).version, 100)
    },
  },
  {
    name: 'of 30 that replace one version at once exactly one succeeds',
    async check(subject) {
      const { store } = subject
      await race(subject, await mustSet(store, (await store.read(key)).version, simpleRecord(1)), 200)
    },
  },
  {
    name: 'a stale version is refused and changes nothing',
    async check(subject) {
      const { store } = subject
      const absent = (await store.read(key)).version
      const first = await mustSet(store, absent, simpleRecord(1))
      const second = await mustSet(store, first, simpleRecord(2))
      const other = await another(subject)
      for (const stale of [absent, first, 'made up', ''])
        for (const record of [simpleRecord(3), undefined]) await refused(other, stale, record)
      const now = await store.read(key)
      expectSame(now.record, simpleRecord(2), 'the record after refused writes')
      expectSame(now.version, second, 'the version after refused writes')
    },
  },
  {
    name: 'content that returns does not bring its version back',
    async check({ store }) {
      const seen = [(await store.read(key)).version]
      // The same record each time, revision and all: the store's versions are its own promise.
      for (const revision of [1, 2, 1, 2, 1, 1])
        seen.push(await mustSet(store, seen.at(-1) ?? '', simpleRecord(revision)))
      allDifferent(seen)
      for (const stale of seen.slice(0, -1)) await refused(store, stale, simpleRecord(9))
    },
  },
  {
    name: 'versions do not return over delete and re-create, nor does that of an absent record',
    async check(subject) {
      const { store } = subject
      const other = await another(subject)
      const seen = [(await store.read(key)).version]
      for (let round = 0; round < 3; round++) {
        seen.push(await mustSet(store, seen.at(-1) ?? '', simpleRecord(1)))
        seen.push(await mustSet(other, seen.at(-1) ?? '', undefined))
        await expectAbsent(store)
        expectSame((await store.read(key)).version, seen.at(-1), 'the version of the deleted record')
      }
      allDifferent(seen)
      for (const stale of seen.slice(0, -1)) await refused(store, stale, simpleRecord(2))
      await expectAbsent(other)
    },
  },
  {
    name: 'what a compareAndSet has acknowledged, a read that begins afterwards sees, through any instance',
    async check(subject) {
      const { store } = subject
      const other = await another(subject)
      let { version } = await store.read(key)
      for (let revision = 1; revision <= 20; revision++) {
        const [writer, reader] = revision % 2 === 0 ? [store, other] : [other, store]
        version = await mustSet(writer, version, simpleRecord(revision))
        expectSame((await reader.read(key)).record?.revision, revision, 'the revision that was read')
      }
    },
  },
]

async function race(subject: StoreUnderTest, version: string, revision: number): Promise<void> {
  const stores = [subject.store, await another(subject), await another(subject)]
  const results = await Promise.all(
    Array.from({ length: 30 }, (_, racer) =>
      (stores[racer % stores.length] ?? subject.store).compareAndSet(key, version, simpleRecord(revision + racer)),
    ),
  )
  const winners = results.flatMap((result, racer) => (result.ok ? [{ racer, version: result.version }] : []))
  tell(winners.length === 1, `${winners.length} of 30 racers succeeded`)
  const now = await subject.store.read(key)
  expectSame(now.record, simpleRecord(revision + (winners[0]?.racer ?? 0)), "the record, against the winner's")
  expectSame(now.version, winners[0]?.version, "the version, against the winner's")
}

async function refused(store: TokenStore, stale: string, record: Parameters<TokenStore['compareAndSet']>[2]) {
  const result: CompareAndSetResult = await store.compareAndSet(key, stale, record)
  tell(!result.ok, 'compareAndSet() accepted a version that was no longer current')
}

function allDifferent(versions: readonly string[]): void {
  tell(new Set(versions).size === versions.length, `a version returned: ${versions.join(', ')}`)
}
