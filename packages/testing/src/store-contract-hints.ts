import type { TokenStore } from '@tokenflight/core'
import type { StoreCase } from './store-contract-fixture.ts'
import { another, key, mustSet, simpleRecord, tell } from './store-contract-record.ts'

/** Hints may be late, spurious or lost, one by one; a store that offers them and never gives any is broken. A store without is not. */
export const hintCases: StoreCase[] = [
  {
    name: 'a change is hinted to those who watch, in other instances too',
    async check(subject) {
      const watcher = await another(subject)
      for (const store of [subject.store, watcher]) {
        if (store.watch === undefined) continue
        const hints = count()
        const unwatch = store.watch(key, hints.listener)
        await writeUntil(subject.store, hints.next)
        unwatch()
      }
    },
  },
  {
    name: 'an unsubscribed listener stays silent, and others are still told',
    async check({ store }) {
      if (store.watch === undefined) return
      const [left, stays] = [count(), count()]
      const unwatch = store.watch(key, left.listener)
      const unwatchOther = store.watch(key, stays.listener)
      unwatch()
      unwatch()
      const before = left.hints()
      await writeUntil(store, stays.next)
      await writeUntil(store, stays.next)
      unwatchOther()
      tell(left.hints() === before, 'a listener was called after it had unsubscribed')
    },
  },
]

interface Count {
  listener: () => void
  hints: () => number
  /** Resolves with the next hint. */
  next: () => Promise<void>
}

function count(): Count {
  let hints = 0
  let told = (): void => {}
  return {
    hints: () => hints,
    next: () =>
      new Promise((resolve) => {
        told = resolve
      }),
    listener() {
      hints++
      told()
    },
  }
}

const patience = 400
const rounds = 10

/** Writes until a hint has come: each may be lost, not all. */
async function writeUntil(store: TokenStore, next: () => Promise<void>): Promise<void> {
  const hint = next().then(() => true)
  for (let round = 0; round < rounds; round++) {
    const { record, version } = await store.read(key)
    await mustSet(store, version, simpleRecord((record?.revision ?? 0) + 1))
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, patience, false)
    })
    const told = await Promise.race([hint, late])
    clearTimeout(timer)
    if (told) return
  }
  tell(false, `watch() gave no hint of ${rounds} changes`)
}
