import type { TokenSet } from '@tokenflight/core'
import type { Call } from './ledger.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

/** A grant is called: only ever under a claim of this process that the store had seen before. */
export function judgeCall(world: World, process: SimulatedProcess, previous: TokenSet | undefined): Call {
  const { ledger, store, scheduler, weather } = world
  const refreshToken = previous?.refreshToken
  const claim = ledger.latestClaimOf(process)
  const call: Call = { process, claim, processed: 0, at: scheduler.now }
  ledger.calls.push(call)
  if (claim === undefined || claim.refreshToken !== refreshToken) {
    world.violate('I1', `${refreshToken} is presented and no claim was recorded`)
    return call
  }
  if (claim.call !== undefined) world.violate('I1', `${refreshToken} is presented twice under one claim`)
  claim.call = call
  const standing = store.record?.claim?.id === claim.id
  const late = scheduler.now - claim.askedAt
  if (!standing && late > weather.policy.claimTtl / 2) {
    world.violate('I6', `${refreshToken} is presented ${Math.round(late)} ms after the claim, which others have ended`)
  }
  return call
}

/** A presentation reaches the authorization server and is decided there. */
export function judgeArrival(world: World, call: Call): void {
  if (++call.processed > 1) world.violate('I1', 'one grant sent two token requests')
}

/** Whoever has received rotated tokens keeps them, unless somebody else's decision came first. */
export function judgeLost(world: World): void {
  const { ledger } = world
  for (const { process, claim, answer } of ledger.calls) {
    if (answer === undefined || process.state === 'dead' || ledger.keptAt.has(answer.access_token)) continue
    const decided = ledger.turns.some((sequence) => sequence > (claim?.sequence ?? 0))
    if (!decided) world.violate('R3', `${answer.access_token} was received by process ${process.pid} and is lost`)
  }
}
