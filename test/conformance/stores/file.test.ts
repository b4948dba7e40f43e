import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { storeContract } from '@tokenflight/testing'
import { describe, test } from 'vitest'

function create(directory: boolean) {
  const root = mkdtempSync(join(tmpdir(), 'tokenflight-contract-'))
  const path = join(root, 'new', directory ? 'keys' : 'credentials.json')
  const faults = { loseReply: false }
  const open = () => fileStore(path, { directory, operations: { open: openWith(faults) } })
  return { store: open(), reopen: open, path, faults, dispose: () => rmSync(root, { recursive: true }) }
}

/** The disk fails after the new content has its name, and before that is known to be durable. */
const openWith =
  (faults: { loseReply: boolean }): typeof fs.open =>
  async (path, ...rest) => {
    const handle = await fs.open(path, ...rest)
    const { sync } = handle
    handle.sync = async () => {
      if (faults.loseReply && (await handle.stat()).isDirectory()) {
        faults.loseReply = false
        throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })
      }
      await sync.call(handle)
    }
    return handle
  }

const faults = {
  loseNextReply({ faults }: ReturnType<typeof create>) {
    faults.loseReply = true
  },
  /** The directory goes away, as a network volume does; a file is in its place. */
  async interrupt({ path }: ReturnType<typeof create>) {
    const directory = dirname(path)
    renameSync(directory, `${directory}.away`)
    writeFileSync(directory, '')
    return () => {
      rmSync(directory)
      renameSync(`${directory}.away`, directory)
    }
  },
}

describe('S1 fileStore, one credential in one file', () => {
  const contract = storeContract({
    ...faults,
    oneKey: true,
    create: () => create(false),
    processes: ({ path }) => ({
      module: new URL('./file-process.ts', import.meta.url),
      args: [path],
      execArgv: ['--conditions=@tokenflight/source'],
    }),
  })
  for (const { name, run, timeout } of contract) test(name, run, timeout)
})

describe('S1 fileStore, a directory of many', () => {
  for (const { name, run, timeout } of storeContract({ ...faults, create: () => create(true) }))
    test(name, run, timeout)
})
