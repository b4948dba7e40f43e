import { mkdirSync, readdirSync } from 'node:fs'
import fs from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemTiming } from '@tokenflight/core'
import { type FileOperations, fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { claim, inPlace, json, leftovers, put, record, set, systemError } from './place.ts'
import { elsewhere, hurried, occupy, somebody } from './section.ts'

describe('S5 the critical section', () => {
  test('a commit in the way of another writer is moved, not removed, while its claim stands', async () => {
    const path = inPlace()
    const store = fileStore(path, { timing: hurried() })
    await set(store, record('old', { claim: claim('c') }))
    const wanted = record('new', { revision: 2, kept: { claimId: 'c', presentation: 1 } })
    const scratch = inPlace()
    await set(fileStore(scratch), wanted)
    const owner = somebody(elsewhere)
    occupy(path, owner, JSON.stringify(json(scratch)))
    // In its way already, from a crash in the middle of the same.
    mkdirSync(`${path}.lock.${owner}`)
    expect(await store.salvage('default', 'c')).toEqual(wanted)
    await set(store, record('old', { revision: 2, claim: claim('c') }))
    expect(leftovers(dirname(path))).toEqual([`credentials.json.lock.${owner}`])
    expect(await store.salvage('default', 'c')).toEqual(wanted)
  })

  test('a commit is not removed either while another program is writing the file', async () => {
    const path = inPlace()
    const scratch = inPlace()
    await set(fileStore(scratch), record('new', { kept: { claimId: 'c', presentation: 1 } }))
    const content = JSON.stringify({ access_token: 'old' })
    const store = fileStore(put(path, content), {
      timing: {
        ...hurried(),
        after(_ms, callback) {
          // From the moment at which the owner is put out.
          put(path, content.slice(0, 9))
          return systemTiming.after(0, callback)
        },
      },
      mutexTimeout: 0.1,
      operations: {
        async mkdir(given, options) {
          await fs.mkdir(given, options)
          if (String(given).endsWith(owner)) put(path, content)
          return undefined
        },
      },
    })
    const owner = somebody(elsewhere)
    occupy(path, owner, JSON.stringify(json(scratch)))
    await set(store, record('signed-in', { revision: 2 }))
    expect(leftovers(dirname(path))).toEqual([`credentials.json.lock.${owner}`])
  })

  test.for([
    ['mkdir', 'ENOSPC'],
    ['rename', 'EIO'],
    ['rename', 'ENOENT'],
  ] as const)('a commit that cannot be moved (%s: %s) is not removed either', async ([name, code]) => {
    const path = inPlace()
    await set(fileStore(path), record('old', { claim: claim('c') }))
    const scratch = inPlace()
    await set(fileStore(scratch), record('new', { kept: { claimId: 'c', presentation: 1 } }))
    const owner = somebody(elsewhere)
    const lock = occupy(path, owner, JSON.stringify(json(scratch)))
    let refusals = 1
    const refusing = async (from: unknown): Promise<void> => {
      if (
        String(name === 'mkdir' ? from : dirname(String(from))).endsWith(name === 'mkdir' ? owner : '.held') &&
        refusals-- > 0
      )
        throw systemError(code)
    }
    const operations: Partial<FileOperations> = {
      mkdir: (async (given: string, options: object) => {
        if (name === 'mkdir') await refusing(given)
        return fs.mkdir(given, options)
      }) as typeof fs.mkdir,
      async rename(from, to) {
        if (name === 'rename') await refusing(from)
        await fs.rename(from, to)
      },
    }
    const written = set(
      fileStore(path, { operations, timing: hurried() }),
      record('old', { revision: 2, claim: claim('c') }),
    )
    if (name === 'mkdir') {
      await expect(written).rejects.toMatchObject({ message: expect.stringContaining('ENOSPC') })
      expect(readdirSync(lock)).toEqual([owner])
    } else {
      await written
      expect((await fileStore(path).salvage('default', 'c'))?.tokens?.accessToken).toBe('access-new')
    }
  })
})
