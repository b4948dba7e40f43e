import { afterAll, expect, onTestFinished, test } from 'vitest'
import { openEngines } from './engine.ts'
import { expire, openFleet } from './fleet.ts'

const engines = openEngines()
afterAll(() => engines.close())

/** `npm run bench -- --only fleet` runs the greater one: 16 x 4 x 25. */
const [processes, threads, callers] = [4, 2, 25]

test.each(['redis', 'postgres'] as const)(
  `S2 ${processes} processes x ${threads} threads x ${callers} callers of one key in %s redeem once for each expiry`,
  async (kind) => {
    const engine = await engines.open(kind)
    if (engine === undefined) return console.warn(`skipped, there is no ${kind}`)
    const fleet = await openFleet(engine)
    onTestFinished(() => fleet.close())
    const policy = { refreshTimeout: 60_000, claimTtl: 90_000, coolDown: 0 }
    const members = await Promise.all(Array.from({ length: processes }, () => fleet.startProcess(threads, { policy })))
    let rejected: string | undefined
    for (let generation = 1; generation <= 3; generation++) {
      const { outcomes, redemptions, delayMs } = await expire(fleet, members, { threads, callers, rejected })
      rejected = (await fleet.stored())?.tokens?.accessToken
      expect(outcomes).toEqual(Array.from({ length: processes * threads * callers }, () => rejected))
      expect(redemptions).toBe(1)
      expect(delayMs).toBeGreaterThanOrEqual(0)
    }
    expect(fleet.server.replays).toBe(0)
    expect(await Promise.all(members.map((member) => member.end()))).toEqual(members.map(() => 0))
  },
)
