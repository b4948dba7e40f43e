import { describe, expect, test } from 'vitest'
import { openScene, told } from './scene.ts'

// The same scene that shows one redemption a generation shows the race where nothing prevents it.

describe.concurrent('the harness sees more than one presentation, and a revoked grant', () => {
  test.for(['naive', 'refresh-guard'] as const)(
    'where processes share a file the %s way',
    async (way, { onTestFinished }) => {
      const scene = await openScene(onTestFinished)
      const { server } = scene
      const members = await Promise.all(Array.from({ length: 4 }, () => scene.start({ way })))
      // The server takes its time for two of the requests; nobody else is stopped from anything.
      const held = [server.hold('before'), server.hold('before')]
      const calls = members.map((member) => member.call(25, { via: 'api' }))
      await Promise.all(held.map(({ arrived }) => arrived))
      for (const { release } of held) release()
      const answers = told((await Promise.all(calls)).flat())

      expect(scene.presentations()).toBeGreaterThan(1)
      // One promise a process works: it is between processes that nothing is shared.
      expect(scene.presentations()).toBeLessThanOrEqual(2 * members.length)
      expect(server.replays).toBeGreaterThan(0)
      expect(server.isAlive(scene.first.grantId)).toBe(false)
      expect(answers).toContain('invalid_grant')
    },
  )

  test('and not where they share it our way, in the same scene', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished)
    const { server } = scene
    const members = await Promise.all(Array.from({ length: 4 }, () => scene.start()))
    const held = server.hold('before')
    const second = server.hold('before')
    const calls = members.map((member) => member.call(25, { via: 'api' }))
    await held.arrived
    await Promise.all(
      members.map((member) => member.heard(({ type }) => type === 'waiting' || type === 'refresh_started')),
    )
    held.release()
    second.release()
    const answers = told((await Promise.all(calls)).flat())
    expect(answers).toEqual(answers.map(() => server.requests[0]?.accessToken))
    expect(scene.presentations()).toBe(1)
    expect(server.isAlive(scene.first.grantId)).toBe(true)
  })
})
