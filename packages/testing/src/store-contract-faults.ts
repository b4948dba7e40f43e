import type { StoreCase, StoreFixture, StoreUnderTest } from './store-contract-fixture.ts'
import { expectSame, key, mustSet, simpleRecord, tell } from './store-contract-record.ts'

/** An engine in trouble: a rejection means "outcome unknown", and the next read tells. */
export function faultCases<T extends StoreUnderTest>(fixture: StoreFixture<T>): StoreCase<T>[] {
  const { loseNextReply, interrupt } = fixture
  const cases: StoreCase<T>[] = []
  if (loseNextReply !== undefined)
    cases.push({
      name: 'after a compareAndSet whose reply was lost the next read tells what happened',
      async check(subject) {
        const { store } = subject
        const version = await mustSet(store, (await store.read(key)).version, simpleRecord(1))
        await loseNextReply.call(fixture, subject)
        const outcome = await settled(store.compareAndSet(key, version, simpleRecord(2)))
        tell(outcome === 'rejected', 'compareAndSet() resolved although its reply was lost')
        const now = await store.read(key)
        expectSame(now.record, simpleRecord(2), 'the record that was written')
        tell(!(await store.compareAndSet(key, version, simpleRecord(3))).ok, 'the version was consumed twice')
        await mustSet(store, now.version, simpleRecord(4))
      },
    })
  if (interrupt !== undefined)
    cases.push({
      name: 'a store that is out of reach rejects, never says "absent", and has lost nothing afterwards',
      timeout: 60_000,
      async check(subject) {
        const { store } = subject
        const version = await mustSet(store, (await store.read(key)).version, simpleRecord(1))
        const restore = await interrupt.call(fixture, subject)
        const read = await settled(store.read(key))
        const set = await settled(store.compareAndSet(key, version, simpleRecord(2)))
        await restore()
        tell(read === 'rejected', 'read() resolved although the store was out of reach')
        tell(set === 'rejected', 'compareAndSet() resolved although the store was out of reach')
        const now = await readWhenBack(() => store.read(key))
        const applied = now.version !== version
        expectSame(now.record, simpleRecord(applied ? 2 : 1), 'the record after the interruption')
        await mustSet(store, now.version, simpleRecord(3))
      },
    })
  return cases
}

function settled(operation: Promise<unknown>): Promise<'resolved' | 'rejected'> {
  return operation.then(
    () => 'resolved',
    () => 'rejected',
  )
}

/** Connections may take a few tries to come back. */
async function readWhenBack<R>(read: () => Promise<R>): Promise<R> {
  for (let tries = 0; ; tries++) {
    try {
      return await read()
    } catch (error) {
      if (tries === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
