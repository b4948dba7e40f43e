import { openEngines } from '../fleet/engine.ts'
import { expire, type Member, openFleet } from '../fleet/fleet.ts'
import { count, type Effort } from './effort.ts'
import { createRow, type Row } from './row.ts'

const callers = 25
/** Nobody is taken for dead on a busy machine. */
const policy = { refreshTimeout: 120_000, claimTtl: 180_000, coolDown: 0 }

/** Many processes with threads find the one token in Redis or PostgreSQL refused. */
export async function measureFleet({ fleet: [processes, threads], expiries }: Effort): Promise<Row[]> {
  const rows: Row[] = []
  const engines = openEngines()
  try {
    for (const kind of ['redis', 'postgres'] as const) {
      const engine = await engines.open(kind)
      if (engine === undefined) continue
      const fleet = await openFleet(engine)
      try {
        const members: Member[] = []
        for (let n = 0; n < processes; n++) members.push(await fleet.startProcess(threads, { policy }))
        const expireOnce = async () => {
          const rejected = (await fleet.stored())?.tokens?.accessToken
          const expiry = await expire(fleet, members, { threads, callers, rejected })
          if (new Set(expiry.outcomes).size !== 1) throw new Error('the fleet was told different things')
          return expiry
        }
        // The first time, everything is compiled.
        await expireOnce()
        const delays: number[] = []
        const redemptions: number[] = []
        for (const _ of count(expiries)) {
          const expiry = await expireOnce()
          delays.push(expiry.delayMs)
          redemptions.push(expiry.redemptions)
        }
        const size = `${processes} x ${threads} x ${callers}`
        rows.push(
          createRow(
            { id: `fleet.${kind}.requests`, what: `token requests per expiry of ${size}`, unit: 'requests' },
            redemptions,
            {
              goal: { goal: 1, goalOf: 'median' },
            },
          ),
          createRow({ id: `fleet.${kind}.delay`, what: 'from "kept" to "the last waiter has it"', unit: 'ms' }, delays),
        )
      } finally {
        await fleet.close()
      }
    }
  } finally {
    await engines.close()
  }
  return rows
}
