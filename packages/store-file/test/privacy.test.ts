import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { claim, json, leftovers, put, record, set, systemError, temporaryDirectory, tokens } from './place.ts'

const secret = () => record('canary', { tokens: tokens('canary', { extra: { id_token: 'id-canary' } }) })

describe('P1 secrets stay in the file', () => {
  test('the store shows none, however it is printed, and can be printed', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const store = fileStore(path)
    await set(store, { ...secret(), claim: claim('c', store) })
    await store.read('default')
    for (const shown of [inspect(store, { depth: 9, showHidden: true }), JSON.stringify(store), String(store)])
      expect(shown).not.toContain('canary')
    expect(JSON.parse(JSON.stringify(store))).toEqual({ path })
    await store.close()
  })

  test('names of files and locks have none, at any step', async () => {
    const directory = temporaryDirectory()
    const seen: string[] = []
    const store = fileStore(directory, {
      directory: true,
      operations: {
        async rename(from, to) {
          seen.push(String(from), String(to), ...readdirSync(directory, { recursive: true, encoding: 'utf8' }))
          const fs = await import('node:fs/promises')
          await fs.rename(from, to)
        },
      },
    })
    await set(store, { ...secret(), claim: claim('c', store) }, 'alice')
    await set(store, secret(), 'alice')
    expect(seen.length).toBeGreaterThan(8)
    expect(seen.join()).not.toContain('canary')
  })

  test('the bookkeeping has none, and its fingerprint differs from write to write', async () => {
    const path = join(temporaryDirectory(), 'credentials.json')
    const store = fileStore(path)
    const prints = new Set<unknown>()
    for (let write = 0; write < 2; write++) {
      await set(store, secret())
      const { tokenflight } = json(path) as { tokenflight: { file: { fingerprint: string } } }
      expect(JSON.stringify(tokenflight)).not.toContain('canary')
      prints.add(tokenflight.file.fingerprint)
    }
    expect(prints.size).toBe(2)
  })

  test('errors of every kind have none', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    await set(fileStore(path), secret())
    const errors: unknown[] = []
    const collect = (error: unknown): void => void errors.push(error)
    const failing = (name: 'open' | 'rename' | 'mkdir') =>
      fileStore(path, { operations: { [name]: () => Promise.reject(systemError('EIO')) } })
    for (const name of ['open', 'rename', 'mkdir'] as const) {
      const { version } = await fileStore(path).read('default')
      await failing(name).compareAndSet('default', version, secret()).catch(collect)
    }
    await fileStore(path).read('other').catch(collect)
    await fileStore(path, { pointer: '/access_token' }).read('default').catch(collect)
    put(path, readFileSync(path, 'utf8').slice(0, -9))
    await fileStore(path).read('default').catch(collect)
    mkdirSync(join(directory, 'd'))
    await fileStore(join(directory, 'd')).read('default').catch(collect)
    expect(errors).toHaveLength(7)
    for (const error of errors) {
      expect(error).toMatchObject({ name: 'TokenError' })
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary')
    }
  })
})

describe('P2 nothing is left open', () => {
  test('close() gives back what was reserved, twice is as good as once, and writing goes on', async () => {
    const directory = temporaryDirectory()
    const path = join(directory, 'credentials.json')
    const store = fileStore(path)
    await set(store, { ...secret(), claim: claim('c', store) })
    expect(leftovers(directory)).toHaveLength(1)
    await store.close()
    await store.close()
    expect(leftovers(directory)).toEqual([])
    // A refresh that was under way is still kept.
    await set(store, { ...secret(), claim: claim('c', store) })
    expect(leftovers(directory)).toEqual([])
    await set(store, secret())
    expect((await store.read('default')).record).toEqual(secret())
  })
})
