import type { TokenEvent } from '@tokenflight/core'
import { afterAll, describe, expect, test } from 'vitest'
import { startPostgres } from '../services/postgres.ts'
import { clientKinds } from '../services/postgres-clients.ts'
import type { PostgresSetup } from './postgres-caller.ts'
import { openPostgresScene } from './postgres-scene.ts'
import { startProgram } from './program.ts'
import type { Step } from './steps.ts'

const postgres = await startPostgres()
afterAll(() => postgres.dispose())

/** Larger by hand: `POSTGRES_CREW=16x4x25`. */
const [processes = 4, threads = 2, callers = 25] = (process.env['POSTGRES_CREW'] ?? '4x2x25').split('x').map(Number)

/** Short: nobody can prove that a holder elsewhere is dead, and its claim is waited for this long. */
const impatient = { policy: { claimTtl: 2500, refreshTimeout: 2000, settle: 50 } } satisfies Partial<PostgresSetup>

describe.skipIf(!postgres.available).each(clientKinds)(
  'processes that share a credential in PostgreSQL, with %s',
  (kind) => {
    test.each([false, true])(
      `S2 redeem once a generation: ${processes} processes x ${threads} threads x ${callers} callers, listening: %s`,
      async (listen) => {
        const finish: (() => Promise<void>)[] = []
        try {
          const scene = await openPostgresScene((listener) => finish.unshift(listener), kind, postgres.url)
          const { server } = scene
          // As many as the policy lets wait for a crew that takes its time on a busy machine.
          const policy = { coolDown: 0, refreshTimeout: 60_000, claimTtl: 90_000 }
          const members = await Promise.all(
            Array.from({ length: processes }, () => scene.start({ threads, listen, policy })),
          )
          let rejected: string | undefined
          for (let generation = 1; generation <= 3; generation++) {
            const held = server.hold('before')
            const calls = members.map((member) => member.call(callers, rejected))
            await held.arrived
            const asked = ({ type, ...event }: TokenEvent): boolean =>
              (type === 'waiting' || type === 'refresh_started') &&
              'generation' in event &&
              event.generation === generation
            while (members.flatMap(({ events }) => events.filter(asked)).length < processes * threads)
              await new Promise((resolve) => setImmediate(resolve))
            held.release()
            const outcomes = (await Promise.all(calls)).flat()
            rejected = (await scene.stored())?.tokens?.accessToken
            expect(outcomes).toHaveLength(processes * threads * callers)
            expect(new Set(outcomes)).toEqual(new Set([rejected]))
            expect(server.tokenRequests).toBe(generation)
          }
          expect(server.replays).toBe(0)
        } finally {
          for (const listener of finish) await listener()
        }
      },
      300_000,
    )

    test.for<{ step: Step; presentations: 1 | 2; told: 'token' | 'reauthorization_required'; by: TokenEvent['type'] }>([
      { step: 'looked', presentations: 1, told: 'token', by: 'refresh_started' },
      { step: 'claim written', presentations: 1, told: 'token', by: 'takeover' },
      // The unavoidable window: the refresh token is spent, and its successor was in the memory of a process that is gone.
      { step: 'answered', presentations: 2, told: 'reauthorization_required', by: 'takeover' },
      { step: 'kept', presentations: 1, told: 'token', by: 'adopted' },
    ])(
      'S3 a holder that is killed at the step "$step" leaves the others with: $told',
      async (row, { onTestFinished }) => {
        const scene = await openPostgresScene(onTestFinished, kind, postgres.url)
        const [holder, other] = await Promise.all([
          scene.start({ ...impatient, standsAt: row.step }),
          scene.start({ ...impatient, listen: true }),
        ])
        void holder.call().catch(() => {})
        await holder.reached()
        await holder.kill()
        const outcomes = await other.call(5)
        const token = (await scene.stored())?.tokens?.accessToken
        expect(new Set(outcomes)).toEqual(new Set([row.told === 'token' ? token : row.told]))
        expect(scene.presentations()).toBe(row.presentations)
        expect(other.events).toContainEqual(expect.objectContaining({ type: row.by }))
        if (row.by === 'takeover')
          expect(other.events).toContainEqual(
            expect.objectContaining({ verdict: 'expired', holder: expect.objectContaining({ pid: holder.pid }) }),
          )
      },
    )

    test.for<{ step: Step; grace: number; presentations: 1 | 2 }>([
      { step: 'looked', grace: 0, presentations: 1 },
      { step: 'claim written', grace: 0, presentations: 1 },
      { step: 'answered', grace: 60_000, presentations: 2 },
      { step: 'kept', grace: 0, presentations: 1 },
    ])(
      'S4 a holder that is stopped at the step "$step" past its claim, with a grace of $grace ms, overwrites and presents nothing later',
      async ({ step, grace, presentations }, { onTestFinished }) => {
        const scene = await openPostgresScene(onTestFinished, kind, postgres.url, { grace })
        const [holder, other] = await Promise.all([
          scene.start({ ...impatient, grace, standsAt: step }),
          scene.start({ ...impatient, grace }),
        ])
        const own = holder.call(5)
        await holder.reached()
        holder.signal('SIGSTOP')
        const meanwhile = await other.call(5)
        const { tokens } = (await scene.stored()) ?? {}
        expect(new Set(meanwhile)).toEqual(new Set([tokens?.accessToken]))
        holder.signal('SIGCONT')
        holder.go()
        expect(new Set(await own)).toEqual(new Set(meanwhile))
        expect(new Set(await other.call(5))).toEqual(new Set(meanwhile))
        expect((await scene.stored())?.tokens).toEqual(tokens)
        expect(scene.presentations()).toBe(presentations)
        expect(scene.server.tokenRequests).toBe(presentations)
      },
    )
  },
)

test.skipIf(!postgres.available)(
  'a program that listens and closes nothing ends when it is done',
  async ({ onTestFinished }) => {
    const scene = await openPostgresScene(onTestFinished, 'pg', postgres.url)
    const program = startProgram({
      module: new URL('postgres-short.ts', import.meta.url),
      args: [JSON.stringify(scene.setup)],
    })
    onTestFinished(async () => void (await program.kill()))
    expect(await program.ended, program.stderr).toEqual({ code: 0, signal: null })
    expect(program.stdout.trim()).toBe((await scene.stored())?.tokens?.accessToken)
  },
)
