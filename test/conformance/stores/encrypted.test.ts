import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encryptedStore, memoryStore } from '@tokenflight/core'
import { fileStore } from '@tokenflight/store-file'
import { storeContract } from '@tokenflight/testing'
import { describe, test } from 'vitest'

const keys = [{ id: 'k1', key: new Uint8Array(32).fill(7) }]

describe('S1 S10 encryptedStore over memory', () => {
  const contract = storeContract({ create: () => ({ store: encryptedStore(memoryStore(), { keys }) }) })
  for (const { name, run, timeout } of contract) test(name, run, timeout)
})

describe('S1 S10 encryptedStore over files', () => {
  const contract = storeContract({
    create() {
      const root = mkdtempSync(join(tmpdir(), 'tokenflight-contract-'))
      const open = () => encryptedStore(fileStore(join(root, 'keys'), { directory: true }), { keys })
      return { store: open(), reopen: open, dispose: () => rmSync(root, { recursive: true }) }
    },
  })
  for (const { name, run, timeout } of contract) test(name, run, timeout)
})
