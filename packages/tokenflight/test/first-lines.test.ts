import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { createTokenManager, fileStore, refreshTokenGrant, withBearer } from '../src/index.ts'

describe('the first lines of an application', () => {
  const closers: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  test('ten parallel calls with an expired token of a credential file make one token request', async () => {
    const authorizationServer = await startAuthorizationServer()
    closers.push(() => authorizationServer.close())
    const resourceServer = await startResourceServer({ authorizationServer })
    closers.push(() => resourceServer.close())
    const directory = await mkdtemp(join(tmpdir(), 'first-lines-'))
    closers.push(() => rm(directory, { recursive: true }))
    const path = join(directory, 'login.json')

    const grant = refreshTokenGrant({ issuer: authorizationServer.url, clientId: 'app' })
    const tokens = createTokenManager({ grant, store: fileStore(path) })
    const api = withBearer(fetch, tokens, { origins: resourceServer.url })
    closers.push(() => tokens.close())

    await tokens.setTokens(await authorizationServer.signIn({ expired: true }))
    const answers = await Promise.all(Array.from({ length: 10 }, () => api(resourceServer.url)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
    expect(authorizationServer.tokenRequests).toBe(1)
    expect(authorizationServer.replays).toBe(0)
    const stored = JSON.parse(await readFile(path, 'utf8'))
    expect(stored.access_token).toBe([...authorizationServer.issued].at(-1))
  })

  test('a provider is a name: with its issuer it is found, and the rest is known', async () => {
    const authorizationServer = await startAuthorizationServer()
    closers.push(() => authorizationServer.close())
    const { url: issuer } = authorizationServer
    const tokens = createTokenManager({ grant: refreshTokenGrant({ provider: 'okta', issuer, clientId: 'app' }) })
    await tokens.setTokens(await authorizationServer.signIn({ expired: true }))
    const { accessToken: rejected } = await tokens.getAccessToken()
    const { accessToken } = await tokens.getAccessToken({ rejected })
    expect(accessToken).not.toBe(rejected)
    expect(accessToken).toBe([...authorizationServer.issued].at(-1))
    expect(authorizationServer.tokenRequests).toBe(1)
  })
})
