import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { openScene, told } from './scene.ts'

/** A command that runs another as process 1 of a pid namespace of its own, as a container does; undefined where none is allowed. */
const inNamespace = [
  ['--pid', '--fork', '--mount-proc', '--kill-child'],
  ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'],
]
  .map((options) => ['unshare', ...options])
  .find(([command = '', ...options]) => spawnSync(command, [...options, process.execPath, '-e', '0']).status === 0)

/** Where the system forbids namespaces, the holder only says that it is in another one. */
const elsewhere =
  inNamespace === undefined ? { setup: { pretendsNamespace: 'pid:[1]' }, under: [] } : { setup: {}, under: inNamespace }

describe.concurrent('S5 a holder in another pid namespace', () => {
  test('is not judged dead while it lives, although no process here has its pid and start time', async ({
    onTestFinished,
  }) => {
    const scene = await openScene(onTestFinished)
    const { server } = scene
    const holder = await scene.start(elsewhere.setup, elsewhere.under)
    const other = await scene.start()
    const held = server.hold('before')
    const own = holder.call(5)
    await held.arrived
    const claim = (await scene.stored())?.claim
    if (inNamespace !== undefined) expect(claim?.holder.pid).toBe(1)

    const asked = other.call(5)
    expect(await other.judged(5)).toEqual(Array.from({ length: 5 }, () => 'unknown'))
    expect((await scene.stored())?.claim).toEqual(claim)
    held.release()
    const answers = told([...(await own), ...(await asked)])
    expect(answers).toEqual(answers.map(() => server.requests[0]?.accessToken))
    expect(scene.presentations()).toBe(1)
    expect(server.isAlive(scene.first.grantId)).toBe(true)
  })

  test('that is gone is waited for until the ttl, because nobody can prove it', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished)
    const holder = await scene.start({ ...elsewhere.setup, standsAt: 'claim written' }, elsewhere.under)
    const other = await scene.start({ policy: { claimTtl: 1500, refreshTimeout: 1000, settle: 100 } })
    void holder.call()
    await holder.reached('claim written')
    const asked = other.call(5)
    await other.judged(1)
    await holder.kill()
    const answers = told(await asked)
    expect(answers).toEqual(answers.map(() => scene.server.requests[0]?.accessToken))
    const takeovers = other.events.filter(({ type }) => type === 'takeover')
    expect(takeovers).toEqual([expect.objectContaining({ verdict: 'expired', presentation: 2 })])
    expect(scene.presentations()).toBe(1)
  })

  test('and one here with the same file never publish over each other', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished)
    const { server } = scene
    const policy = { coolDown: 0 }
    const members = await Promise.all([
      scene.start({ ...elsewhere.setup, policy }, elsewhere.under),
      scene.start({ ...elsewhere.setup, policy }, elsewhere.under),
      scene.start({ policy }),
    ])
    for (let generation = 1; generation <= 10; generation++) {
      const answers = told((await Promise.all(members.map((member) => member.call(5, { via: 'api' })))).flat())
      const token = (await scene.stored())?.tokens?.accessToken
      expect(answers).toEqual(answers.map(() => token))
      expect(server.tokenRequests).toBe(generation)
      server.expireAccessTokens()
    }
    expect(server.isAlive(scene.first.grantId)).toBe(true)
  })
})
