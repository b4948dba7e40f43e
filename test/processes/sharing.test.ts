import type { TokenEvent } from '@tokenflight/core'
import { describe, expect, test } from 'vitest'
import { openScene, told } from './scene.ts'

describe('S2 processes that share a credential', () => {
  test.for([
    { processes: 2, threads: 1 },
    { processes: 8, threads: 1 },
    { processes: 2, threads: 3 },
  ])(
    'redeem once a generation, whoever asks: $processes processes x $threads threads x 25 callers',
    async ({ processes, threads }, { onTestFinished }) => {
      const scene = await openScene(onTestFinished)
      const { server } = scene
      const setup = { policy: { coolDown: 0 }, ...(threads > 1 && { threads }) }
      const members = await Promise.all(Array.from({ length: processes }, () => scene.start(setup)))

      for (let generation = 1; generation <= 3; generation++) {
        // Nobody may have the answer before everybody has asked.
        const held = server.hold('before')
        const calls = members.map((member) => member.call(25, { via: 'api' }))
        await held.arrived
        const asked = ({ type, ...event }: TokenEvent): boolean =>
          (type === 'waiting' || type === 'refresh_started') && 'generation' in event && event.generation === generation
        await Promise.all(members.map((member) => member.heard(asked, threads)))
        held.release()

        const outcomes = (await Promise.all(calls)).flat()
        const winner = (await scene.stored())?.tokens?.accessToken
        expect(told(outcomes)).toEqual(Array.from({ length: processes * threads * 25 }, () => winner))
        expect(server.tokenRequests).toBe(generation)
        server.expireAccessTokens()
      }
      expect(server.replays).toBe(0)
      expect(server.isAlive(scene.first.grantId)).toBe(true)
    },
  )
})
