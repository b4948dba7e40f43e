import { startResourceServer } from '@tokenflight/testing'
import { describe, expect, test, vi } from 'vitest'
import { openCrew } from './crew.ts'
import type { Setup } from './messages.ts'
import { startOidcServer } from './oidc-server.ts'
import { told } from './scene.ts'
import { storeSignIn } from './sign-in.ts'

/** Four processes at a real authorization server, and a sign-in whose access token the API refuses. */
async function openScene(onTestFinished: Parameters<typeof openCrew>[0], setup: Partial<Setup>, gathers?: number) {
  // It warns that its storage and keys are for development.
  const warnings = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(async () => warnings.mockRestore())
  const server = await startOidcServer(gathers)
  onTestFinished(() => server.close())
  const api = await startResourceServer({ introspect: server.introspect })
  onTestFinished(() => api.close())
  const first = await server.signIn()
  const secrets = () =>
    [first.access_token, first.refresh_token, ...server.presented.flatMap((each) => Object.values(each))].flatMap(
      (secret) => (typeof secret === 'string' ? [secret] : []),
    )
  const common = { tokenEndpoint: server.tokenEndpoint, api: api.url, clientId: 'app' }
  const crew = await openCrew(onTestFinished, common, secrets)
  await storeSignIn(crew.path, first)
  await server.endAccessToken(first.access_token)
  const members = await Promise.all(Array.from({ length: 4 }, () => crew.start(setup)))
  const callApi = async () => told((await Promise.all(members.map((member) => member.call(25, { via: 'api' })))).flat())
  return { server, callApi, first }
}

describe('S2 processes that share a credential of oidc-provider, with rotation and reuse detection', () => {
  test('redeem once a generation, and the grant stays alive', async ({ onTestFinished }) => {
    const { server, callApi } = await openScene(onTestFinished, { policy: { coolDown: 0 } })
    for (let generation = 1; generation <= 3; generation++) {
      const answers = await callApi()
      expect(server.presented).toHaveLength(generation)
      const winner = server.presented.at(-1)?.accessToken
      expect(winner).toBeTypeOf('string')
      expect(answers).toEqual(answers.map(() => winner))
      await server.endAccessToken(winner ?? '')
    }
    expect(new Set(server.presented.map(({ refreshToken }) => refreshToken)).size).toBe(3)
    expect(server.revokedGrants()).toBe(0)
  })

  test('lose the grant the naive way', async ({ onTestFinished }) => {
    const { server, callApi, first } = await openScene(onTestFinished, { way: 'naive' }, 2)
    await callApi()
    const again = server.presented.filter(({ refreshToken }) => refreshToken === first.refresh_token)
    expect(again.length).toBeGreaterThan(1)
    expect(server.revokedGrants()).toBeGreaterThan(0)
  })
})
