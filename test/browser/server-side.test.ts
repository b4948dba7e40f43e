import { createTokenManager, memoryStore } from '@tokenflight/core'
import { webKeys, type webSession, webStore } from '@tokenflight/store-web'
import { expect, test } from 'vitest'

// A server that renders pages imports what the page imports. This is Node, which has no IndexedDB.

test.each([
  ['an empty name', { name: '' }, 'name'],
  ['a name that is no string', { name: 7 as unknown as string }, 'name'],
  ['a fallback that is no store', { fallback: {} as ReturnType<typeof memoryStore> }, 'fallback'],
  ['a session that is no function', { session: true as unknown as typeof webSession }, 'session'],
])('%s is an error that names the option', (_, options, option) => {
  expect(() => webStore(options)).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(`webStore: \`${option}\``) }),
  )
})

test('where there is no IndexedDB at all a store can be made, and its use says what to do', async () => {
  const store = webStore()
  await expect(store.read('default')).rejects.toMatchObject({
    code: 'store_failed',
    message: expect.stringMatching(/^Could not open .*ReferenceError.* no storage .*`fallback: memoryStore\(\)`/),
  })
  await expect(store.compareAndSet('default', '', undefined)).rejects.toMatchObject({ code: 'store_failed' })
  await store.close?.()
})

test('where there is no IndexedDB at all a fallback serves, and what is watched hears of it', async () => {
  const store = webStore({ fallback: memoryStore() })
  const heard = Promise.withResolvers<void>()
  const leave = store.watch?.('default', heard.resolve)
  const { version } = await store.read('default')
  expect(await store.compareAndSet('default', version, { revision: 1, generation: 0 })).toMatchObject({ ok: true })
  await heard.promise
  expect(await store.read('default')).toMatchObject({ record: { revision: 1 } })
  leave?.()
  await store.close?.()
  const keys = webKeys()
  expect(await keys()).toEqual(await keys())
})

test('with a fallback two managers of a page share one refresh: a claim of the first is none of IndexedDB', async () => {
  const store = webStore({ fallback: memoryStore() })
  const asked = Promise.withResolvers<void>()
  const answered = Promise.withResolvers<void>()
  let requests = 0
  const grant = async () => {
    requests++
    asked.resolve()
    await answered.promise
    return { access_token: 'new', refresh_token: 'r2', expires_in: 3600 }
  }
  const waiting = Promise.withResolvers<void>()
  const first = createTokenManager({ grant, store })
  const second = createTokenManager({
    grant,
    store,
    onEvent: ({ type }) => (type === 'waiting' ? waiting.resolve() : undefined),
  })
  await first.setTokens({ access_token: 'old', refresh_token: 'r1', expires_in: 3600 })
  const both = [first.getAccessToken({ rejected: 'old' })]
  await asked.promise
  both.push(second.getAccessToken({ rejected: 'old' }))
  await waiting.promise
  answered.resolve()
  expect((await Promise.all(both)).map(({ accessToken }) => accessToken)).toEqual(['new', 'new'])
  expect(requests).toBe(1)
  await Promise.all([first.close(), second.close()])
  await store.close()
})
