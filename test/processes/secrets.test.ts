import { describe, expect, test } from 'vitest'
import { openCrew } from './crew.ts'
import { openScene, told } from './scene.ts'

// Every scene ends with a search of what its processes wrote, every event and every error in full, and of all file names.

describe.concurrent('P1 no token in what processes write', () => {
  test('through a refresh, a lost answer, a takeover, an end, a corrupt file and a full account of each', async ({
    onTestFinished,
  }) => {
    const scene = await openScene(onTestFinished)
    const { server } = scene
    const [one, other] = await Promise.all([
      scene.start({ policy: { coolDown: 0, settle: 0 } }),
      scene.start({ policy: { coolDown: 0, settle: 0 } }),
    ])
    const current = async (): Promise<string> => (await scene.stored())?.tokens?.accessToken ?? ''

    await one.call(5, { via: 'api' })
    server.next({ fault: 'reset', consume: true })
    expect(told(await one.call(1, { rejected: await current() }))).toEqual(['refresh_outcome_unknown'])
    expect(told(await other.call(1, { rejected: await current() }))).toEqual(['reauthorization_required'])
    expect(one.events.map(({ type }) => type)).toContain('refresh_failed')
    expect(other.events.map(({ type }) => type)).toContain('takeover')
    await scene.signIn()
    server.script([
      { fault: 'echo', error: 'temporarily_unavailable', status: 503 },
      { fault: 'echo', error: 'invalid_client' },
    ])
    const third = await scene.start()
    expect(told(await third.call(1))).toEqual(['invalid_client'])
    await scene.write(`{"access_token":"${await current()}",`)
    const fourth = await scene.start()
    expect(told(await fourth.call(1))).toEqual(['store_corrupt'])
  })

  test('and the search finds what shows', async () => {
    const finish: (() => Promise<void>)[] = []
    const common = { tokenEndpoint: 'http://127.0.0.1:1/token', api: 'http://127.0.0.1:1', clientId: 'app' }
    const crew = await openCrew(
      (listener) => void finish.push(listener),
      common,
      () => ['fetch failed'],
    )
    await crew.write('{"access_token":"at","expires_at":0,"refresh_token":"rt"}')
    const member = await crew.start({ way: 'naive' })
    await member.call()
    await expect(finish[0]?.()).rejects.toThrow('a secret shows')
  })
})
