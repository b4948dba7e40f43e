import { afterEach, expect, test, vi } from 'vitest'
import { createTokenManager, createTokenManagers, defineGrant, memoryStore, tellEach } from '../src/index.ts'

const grant = defineGrant(async () => ({ access_token: 'new', refresh_token: 'r', expires_in: 3600 }))
const signedIn = { access_token: 'old', refresh_token: 'r', expires_in: 3600 }

afterEach(() => vi.unstubAllGlobals())

/** zone.js does this: what async functions return is then no instance of the global Promise. */
function replacePromise(): void {
  vi.stubGlobal('Promise', class extends Promise<unknown> {})
}

test('F5 a grant that is looked up is waited for also where the page has replaced the global Promise', async () => {
  replacePromise()
  const managers = createTokenManagers({ grantFor: async () => grant, store: memoryStore() })
  await managers.for('a').setTokens(signedIn)
  expect((await managers.for('a').getAccessToken()).accessToken).toBe('old')
  await managers.close()
})

test('P2 a listener that rejects is no unhandled rejection there either', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', note)
  replacePromise()
  const onEvent = tellEach(async () => {
    throw new Error('the listener')
  })
  const tokens = createTokenManager({ grant, onEvent })
  await tokens.setTokens(signedIn)
  await new Promise(setImmediate)
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
  await tokens.close()
})
