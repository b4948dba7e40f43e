import type { TokenEvent } from '@tokenflight/core'
import { describe, expect, test } from 'vitest'
import { hasRedis } from '../services/redis.ts'
import { openRedisScene } from './redis-scene.ts'
import { told } from './scene.ts'

/** How many share the credential: `REDIS_STORM=16x4x25` (processes, threads, callers) runs a greater one. */
const [processes = 4, threads = 2, callers = 25] = (process.env['REDIS_STORM'] ?? '4x2x25').split('x').map(Number)

/** Short, so that a stop outlasts them. */
const policy = { claimTtl: 1500, refreshTimeout: 1000, settle: 10, coolDown: 0 }

describe.skipIf(!hasRedis)('S2 processes that share a credential in Redis', () => {
  test.for(['redis', 'ioredis'])(
    `redeem once a generation, whoever asks: ${processes} processes x ${threads} threads x ${callers} callers (%s)`,
    { timeout: 180_000 },
    async (kind, { onTestFinished }) => {
      const scene = await openRedisScene(onTestFinished, { kind })
      const { server } = scene
      // Nobody takes a claim over while all of them are busy.
      const setup = { threads, policy: { claimTtl: 120_000, coolDown: 0 } }
      const members = await Promise.all(Array.from({ length: processes }, () => scene.start(setup)))
      let winner: string | undefined
      for (let generation = 1; generation <= 3; generation++) {
        // Nobody may have the answer before everybody has asked.
        const held = server.hold('before')
        const calls = members.map((member) => member.call(callers, winner))
        await held.arrived
        const asked = ({ type, ...event }: TokenEvent): boolean =>
          (type === 'waiting' || type === 'refresh_started') && 'generation' in event && event.generation === generation
        await Promise.all(members.map((member) => member.heard(asked, threads)))
        held.release()

        const outcomes = (await Promise.all(calls)).flat()
        winner = (await scene.stored())?.tokens?.accessToken
        expect(told(outcomes)).toEqual(Array.from({ length: processes * threads * callers }, () => winner))
        expect(server.tokenRequests).toBe(generation)
      }
      expect(server.replays).toBe(0)
      expect(scene.isAlive()).toBe(true)
    },
  )
})

describe.skipIf(!hasRedis).concurrent('S3 a holder in another process that is killed', () => {
  test.for([
    { step: 'claimed', presentations: 1, leaves: 'token' },
    // The unavoidable window: the refresh token is spent, and its successor was in the memory of a process that is gone.
    { step: 'answered', presentations: 2, leaves: 'reauthorization_required' },
    { step: 'kept', presentations: 1, leaves: 'token' },
  ] as const)('at the step "$step" leaves the others with: $leaves', async (row, { onTestFinished }) => {
    const scene = await openRedisScene(onTestFinished)
    const [holder, other] = await Promise.all([scene.start({ policy, standsAt: row.step }), scene.start({ policy })])
    void holder.call(1)
    await holder.reached()
    await holder.kill()
    const answers = told(await other.call(5))
    const stored = await scene.stored()
    const expected = row.leaves === 'token' ? stored?.tokens?.accessToken : row.leaves
    expect(answers).toEqual(answers.map(() => expected))
    expect(scene.presentations()).toBe(row.presentations)
    expect(scene.isAlive()).toBe(row.leaves === 'token')
    // On other machines nobody can prove a death: silence for the whole ttl is what justifies the takeover.
    const takeovers = other.events.filter(({ type }) => type === 'takeover')
    expect(takeovers).toEqual(
      row.step === 'kept' ? [] : [expect.objectContaining({ presentation: 2, verdict: 'expired' })],
    )
  })
})

describe
  .skipIf(!hasRedis)
  .concurrent('S4 a holder in another process that is stopped past the ttl and goes on later', () => {
    test('with its claim alone presents nothing any more, and takes what the others have', async ({
      onTestFinished,
    }) => {
      const scene = await openRedisScene(onTestFinished)
      const [holder, other] = await Promise.all([scene.start({ policy, standsAt: 'claimed' }), scene.start({ policy })])
      const own = holder.call(5)
      await holder.reached()
      holder.stop()
      const [token] = told(await other.call(1))
      const before = await scene.stored()
      expect(token).toBe(before?.tokens?.accessToken)
      holder.go()
      holder.continue()
      const answers = told(await own)
      expect(answers).toEqual(answers.map(() => token))
      expect(await scene.stored()).toEqual(before)
      expect(scene.presentations()).toBe(1)
    })

    test('with its answer in memory does not overwrite newer tokens', async ({ onTestFinished }) => {
      const scene = await openRedisScene(onTestFinished, { grace: 60_000 })
      const [holder, other] = await Promise.all([
        scene.start({ policy, standsAt: 'answered' }),
        scene.start({ policy }),
      ])
      const own = holder.call(5)
      await holder.reached()
      holder.stop()
      const [token] = told(await other.call(1))
      const before = await scene.stored()
      expect(token).toBe(before?.tokens?.accessToken)
      holder.go()
      holder.continue()
      const answers = told(await own)
      expect(answers).toEqual(answers.map(() => token))
      expect(await scene.stored()).toEqual(before)
      expect(scene.presentations()).toBe(2)
      expect(scene.isAlive()).toBe(true)
    })
  })
