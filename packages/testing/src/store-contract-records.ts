import type { TokenRecord } from '@tokenflight/core'
import type { StoreCase } from './store-contract-fixture.ts'
import {
  another,
  expectAbsent,
  expectSame,
  fullRecord,
  key,
  mustSet,
  simpleRecord,
  tell,
} from './store-contract-record.ts'

/** What goes in comes out, and nothing else. */
export function recordCases(oneKey: boolean): StoreCase[] {
  return oneKey ? alone : [...alone, ...manyKeys]
}

const alone: StoreCase[] = [
  {
    name: 'a key that nobody has written reads as absent, and has a version',
    async check({ store }) {
      const { record, version } = await store.read(key)
      tell(record === undefined, 'read() of an unknown key gave a record')
      tell(typeof version === 'string', 'read() of an unknown key gave no version')
    },
  },
  {
    name: 'what was written is what is read, by other instances too',
    async check(subject) {
      const { store } = subject
      const version = await mustSet(store, (await store.read(key)).version, fullRecord())
      for (const reader of [store, await another(subject)]) {
        const read = await reader.read(key)
        expectSame(read.record, fullRecord(), 'the record read')
        expectSame(read.version, version, 'the version read, against the one that compareAndSet gave')
      }
    },
  },
  {
    name: 'a record without tokens is a record: the first grant is being claimed',
    async check({ store }) {
      const { claim } = fullRecord()
      const record: TokenRecord = { revision: 1, generation: 0, ...(claim === undefined ? {} : { claim }) }
      await mustSet(store, (await store.read(key)).version, record)
      expectSame((await store.read(key)).record, record, 'the record read')
    },
  },
  {
    name: 'fields that are gone from the record are gone from the store',
    async check({ store }) {
      const version = await mustSet(store, (await store.read(key)).version, fullRecord())
      const bare: TokenRecord = {
        tokens: { accessToken: 'only', tokenType: 'Bearer', obtainedAt: 1 },
        revision: 2,
        generation: 2,
      }
      await mustSet(store, version, bare)
      expectSame((await store.read(key)).record, bare, 'the record read')
    },
  },
  {
    name: 'records of 64 KiB in any script come back unchanged',
    async check(subject) {
      const { store } = subject
      const record = fullRecord()
      const text = 'aé漢🔑\u2028"\\\n\t</script>'.repeat(3000)
      record.tokens = {
        accessToken: 'x'.repeat(65_536),
        tokenType: 'DPoP',
        obtainedAt: 0,
        extra: { text, nested: [{ text: null }, 1.5, true] },
      }
      await mustSet(store, (await store.read(key)).version, record)
      expectSame((await (await another(subject)).read(key)).record, record, 'the record read')
    },
  },
  {
    name: 'what callers do to their objects does not reach the store',
    async check({ store }) {
      const given = fullRecord()
      await mustSet(store, (await store.read(key)).version, given)
      spoil(given)
      const first = await store.read(key)
      expectSame(first.record, fullRecord(), 'the record read after the writer changed the object it had given')
      if (first.record !== undefined) spoil(first.record)
      expectSame(
        (await store.read(key)).record,
        fullRecord(),
        'the record read after a reader changed the object it had got',
      )
    },
  },
  {
    name: 'a deleted record reads as absent and can be created again',
    async check(subject) {
      const { store } = subject
      const version = await mustSet(store, (await store.read(key)).version, simpleRecord(1))
      await mustSet(store, version, undefined)
      await expectAbsent(store)
      const other = await another(subject)
      await expectAbsent(other)
      await mustSet(other, (await other.read(key)).version, simpleRecord(2))
      expectSame((await store.read(key)).record, simpleRecord(2), 'the record created again')
    },
  },
  {
    name: 'an instance that closes does not disturb another',
    async check(subject) {
      const { store } = subject
      const other = await another(subject)
      const version = await mustSet(store, (await store.read(key)).version, simpleRecord(1))
      if (other === store) return
      await other.close?.()
      await mustSet(store, version, simpleRecord(2))
      expectSame((await store.read(key)).record, simpleRecord(2), 'the record read')
    },
  },
  {
    name: 'only a holder that is proven dead is called dead',
    async check(subject) {
      const { store } = subject
      if (store.holderState === undefined) return
      const own = store.holder?.()
      const elsewhere = [
        { host: 'another-host', pid: 1 },
        { host: 'another-host' },
        { host: 'another-host', namespace: 'x', pid: 2 ** 30, startedAt: '1' },
      ]
      for (const holder of elsewhere)
        tell((await store.holderState(holder)) !== 'dead', 'a holder on an unknown host was called dead')
      if (own === undefined) return
      tell((await store.holderState(own)) !== 'dead', 'the store called its own process dead')
      const state = await (await another(subject)).holderState?.(JSON.parse(JSON.stringify(own)))
      tell(state !== 'dead', 'another instance called a living process dead')
    },
  },
]

const manyKeys: StoreCase[] = [
  {
    name: 'keys do not see each other, whatever they are called',
    async check(subject) {
      const { store } = subject
      const keys = [
        'a',
        'A',
        'a/b',
        '../a',
        '..',
        'a:b',
        'a b',
        'é',
        'e\u0301',
        '',
        '%',
        '*',
        'con',
        '🔑',
        'k'.repeat(300),
      ]
      for (const [index, name] of keys.entries())
        await mustSet(store, (await store.read(name)).version, simpleRecord(index + 1), name)
      const other = await another(subject)
      for (const [index, name] of keys.entries())
        expectSame((await other.read(name)).record, simpleRecord(index + 1), `the record of ${JSON.stringify(name)}`)
      await mustSet(store, (await store.read('a')).version, undefined, 'a')
      for (const [index, name] of keys.entries())
        if (index > 0)
          expectSame(
            (await store.read(name)).record,
            simpleRecord(index + 1),
            `after "a" was deleted, ${JSON.stringify(name)}`,
          )
    },
  },
  {
    name: "one key's version is nothing to another key",
    async check({ store }) {
      const version = await mustSet(store, (await store.read('one')).version, simpleRecord(1), 'one')
      await mustSet(store, (await store.read('two')).version, simpleRecord(1), 'two')
      await mustSet(store, version, simpleRecord(2), 'one')
      expectSame((await store.read('two')).record, simpleRecord(1), 'the record of the other key')
    },
  },
]

function spoil(record: TokenRecord): void {
  record.generation = 99
  delete record.claim
  if (record.tokens !== undefined) {
    record.tokens.accessToken = 'spoiled'
    if (record.tokens.extra !== undefined) record.tokens.extra['id_token'] = 'spoiled'
  }
}
