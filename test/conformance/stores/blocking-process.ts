import { memoryStore } from '@tokenflight/core'
import { serveStoreContract } from '@tokenflight/testing'

const store = memoryStore()
const never = new Int32Array(new SharedArrayBuffer(4))

/** As an engine without promises (SQLite): the thread stands still while it writes. And it shares nothing, which is the mistake. */
serveStoreContract({
  ...store,
  compareAndSet(...write) {
    Atomics.wait(never, 0, 0, 2)
    return store.compareAndSet(...write)
  },
})
