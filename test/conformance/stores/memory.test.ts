import { memoryStore } from '@tokenflight/core'
import { storeContract } from '@tokenflight/testing'
import { describe, test } from 'vitest'

describe('S1 memoryStore', () => {
  for (const { name, run, timeout } of storeContract({ create: () => ({ store: memoryStore() }) }))
    test(name, run, timeout)
})
