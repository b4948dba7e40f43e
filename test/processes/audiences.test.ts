import { describe, expect, test } from 'vitest'
import { openScene, told } from './scene.ts'

describe('RFC 8707 processes that share a credential for several resources', () => {
  test('I1: four processes ask for three audiences at one moment: one request each, in turn, and no refresh token twice', async ({
    onTestFinished,
  }) => {
    const scene = await openScene(onTestFinished)
    const { server } = scene
    const members = await Promise.all(Array.from({ length: 4 }, () => scene.start({ policy: { coolDown: 0 } })))
    const asked = [{}, { resource: 'https://mail.example' }, { resource: 'https://files.example' }]
    const held = server.hold('before')
    const calls = asked.map((options) => members.map((member) => member.call(10, options)))
    await held.arrived
    // While one of them is being presented, everybody else waits for it or for its turn.
    await Promise.all(
      members.map((member) => member.heard(({ type }) => ['waiting', 'refresh_started'].includes(type))),
    )
    expect(server.tokenRequests).toBe(1)
    held.release()

    const tokens = await Promise.all(calls.map(async (each) => told((await Promise.all(each)).flat())))
    for (const each of tokens) expect(each).toEqual(Array.from({ length: 40 }, () => each[0]))
    expect(new Set(tokens.map(([token]) => token)).size).toBe(3)
    expect([server.tokenRequests, server.replays]).toEqual([3, 0])
    expect(server.isAlive(scene.first.grantId)).toBe(true)
    expect(Object.keys((await scene.stored())?.audiences ?? {})).toHaveLength(2)
  })
})
