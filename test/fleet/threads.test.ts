import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { type EngineKind, openEngines } from './engine.ts'
import { expire, type Fleet, openFleet } from './fleet.ts'

const engines = openEngines()
afterAll(() => engines.close())

/** Of a crew that takes its time on a busy machine nobody is taken for dead. */
const patient = { policy: { refreshTimeout: 60_000, claimTtl: 90_000, coolDown: 0 } }
/** Nobody can prove that a thread elsewhere is dead: its claim is waited for this long. */
const impatient = { policy: { refreshTimeout: 1_000, claimTtl: 1_500, settle: 10, coolDown: 0 } }
const threads = 4
const callers = 25

async function open(kind: EngineKind, skip: (note: string) => void, grace = 0): Promise<Fleet> {
  const engine = await engines.open(kind)
  if (engine === undefined) {
    skip(`there is no ${kind} here`)
    throw new Error('skipped')
  }
  const fleet = await openFleet(engine, { grace })
  onTestFinished(() => fleet.close())
  return fleet
}

describe.each(['file', 'redis', 'postgres'] as const)('S2 worker threads that share a credential in %s', (kind) => {
  test(`redeem once for each expiry: ${threads} threads x ${callers} callers`, async ({ skip }) => {
    const fleet = await open(kind, skip)
    const crew = await Promise.all(Array.from({ length: threads }, () => fleet.startThread(patient)))
    let rejected: string | undefined
    for (let generation = 1; generation <= 3; generation++) {
      const { outcomes, redemptions } = await expire(fleet, crew, { threads: 1, callers, rejected })
      rejected = (await fleet.stored())?.tokens?.accessToken
      expect(outcomes).toEqual(Array.from({ length: threads * callers }, () => rejected))
      expect(redemptions).toBe(1)
    }
    expect(fleet.server.replays).toBe(0)
    expect(await Promise.all(crew.map((member) => member.end()))).toEqual(crew.map(() => 0))
  })

  test('S3 go on when one is terminated with its claim written and nothing sent', async ({ skip }) => {
    const fleet = await open(kind, skip)
    const [holder, other] = await Promise.all([
      fleet.startThread({ ...impatient, standsAt: 'claimed' }),
      fleet.startThread(impatient),
    ])
    holder.call(1)
    await holder.hear('reached')
    await holder.terminate()
    other.call(5)
    const [answer] = await other.hear('answered')
    const token = (await fleet.stored())?.tokens?.accessToken
    expect(answer?.outcomes).toEqual(Array.from({ length: 5 }, () => token))
    expect(fleet.server.issued).toContain(token)
    expect([fleet.presentations(), fleet.server.tokenRequests]).toEqual([1, 1])
    const [takeover] = await other.hear('took over')
    // Of one thread among others only Linux tells that it has ended.
    expect(takeover?.verdict).toBe(kind === 'file' && process.platform === 'linux' ? 'dead' : 'expired')
  })

  test('S3 heal within the grace when one is terminated with the answer in its memory', async ({ skip }) => {
    const fleet = await open(kind, skip, 60_000)
    const [holder, other] = await Promise.all([
      fleet.startThread({ ...impatient, grace: 60_000, standsAt: 'answered' }),
      fleet.startThread({ ...impatient, grace: 60_000 }),
    ])
    holder.call(1)
    await holder.hear('reached')
    await holder.terminate()
    other.call(5)
    const [answer] = await other.hear('answered')
    const token = (await fleet.stored())?.tokens?.accessToken
    expect(answer?.outcomes).toEqual(Array.from({ length: 5 }, () => token))
    expect(fleet.presentations()).toBe(2)
  })
})
