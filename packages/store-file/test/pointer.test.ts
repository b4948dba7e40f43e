import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { describe, expect, test } from 'vitest'
import { accessTokenIn, json, put, record, set, temporaryDirectory } from './place.ts'

const inPlace = () => join(temporaryDirectory(), 'config.json')

describe('S6 tokens that are deeper in a file', () => {
  test('are found, written and removed there; what stands beside them stays', async () => {
    const content = {
      theme: 'dark',
      profiles: { office: { tokens: { access_token: 'a' }, email: 'e' }, home: { tokens: {} } },
    }
    const path = put(inPlace(), content)
    const store = fileStore(path, { pointer: '/profiles/office/tokens' })
    expect(await accessTokenIn(store)).toBe('a')
    await set(store, record('1'))
    expect(json(path)).toMatchObject({
      theme: 'dark',
      profiles: { office: { tokens: { access_token: 'access-1' }, email: 'e' }, home: { tokens: {} } },
    })
    await set(store, undefined)
    expect(readFileSync(path, 'utf8')).not.toContain('access-1')
    expect(await accessTokenIn(store)).toBeUndefined()
  })

  test('get the objects on the way made for them', async () => {
    const path = inPlace()
    await set(fileStore(path, { pointer: '/a~1b/~0/c' }), record('1'))
    expect(json(path)).toMatchObject({ 'a/b': { '~': { c: { access_token: 'access-1' } } } })
    const other = put(inPlace(), { slot: null })
    await set(fileStore(other, { pointer: '/slot/__proto__' }), record('1'))
    expect(readFileSync(other, 'utf8')).toContain('{"slot":{"__proto__":{"access_token"')
    expect(await accessTokenIn(fileStore(other, { pointer: '/slot/__proto__' }))).toBe('access-1')
    expect(await accessTokenIn(fileStore(other, { pointer: '/constructor/name' }))).toBeUndefined()
  })

  test('may be in a list that has that place', async () => {
    const path = put(inPlace(), { accounts: [{ name: 'x' }, { access_token: 'a' }] })
    const store = fileStore(path, { pointer: '/accounts/1' })
    await set(store, record('1'))
    expect(json(path)).toMatchObject({ accounts: [{ name: 'x' }, { access_token: 'access-1' }] })
    for (const pointer of ['/accounts/2', '/accounts/-', '/accounts/01', '/accounts/1/access_token/x']) {
      const before = readFileSync(path)
      const misplaced = fileStore(path, { pointer })
      const { version } = await misplaced.read('default').catch(() => ({ version: 'absent' }))
      await expect(misplaced.compareAndSet('default', version, record('2'))).rejects.toMatchObject({
        code: 'store_corrupt',
      })
      expect(readFileSync(path)).toEqual(before)
    }
  })

  test.for(['/theme', '/list', '/theme/inner'])('cannot be where something else is: %s', async (pointer) => {
    const path = put(inPlace(), { theme: 'dark', list: [] })
    await expect(fileStore(path, { pointer }).read('default')).rejects.toMatchObject({
      code: 'store_corrupt',
      message: expect.stringContaining('pointer'),
    })
  })

  test('two credentials in one file are written at once, neither loses a write nor sees a conflict', async () => {
    const path = inPlace()
    const pairs = ['one', 'two'].map((name) => ({ name, store: fileStore(path, { pointer: `/${name}` }) }))
    await Promise.all(
      pairs.map(async ({ name, store }) => {
        let { version } = await store.read(name)
        for (let revision = 1; revision <= 25; revision++) {
          const result = await store.compareAndSet(name, version, record(`${name}-${revision}`, { revision }))
          if (!result.ok) throw new Error('A write beside it was taken for a conflict.')
          version = result.version
        }
      }),
    )
    for (const { name, store } of pairs) expect(await accessTokenIn(store, name)).toBe(`access-${name}-25`)
  })
})
