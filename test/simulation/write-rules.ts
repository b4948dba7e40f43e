import type { RefreshClaim, TokenRecord } from '@tokenflight/core'
import { changedTokens } from './ledger.ts'
import type { Write } from './shared-store.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

/** Judges one write at the moment it takes effect. */
export function judgeWrite(world: World, write: Write): void {
  const { before, after } = write
  if (after === undefined) judgeRemoval(world, write)
  else if (before === undefined) judgeFirst(world, write, after)
  else {
    if (after.revision !== before.revision + 1) world.violate('I3', 'the revision did not grow by one')
    if (changedTokens(before, after).length === 0) judgeSame(world, write, before, after)
    else judgeNew(world, write, before, after)
  }
}

function judgeRemoval(world: World, { writer }: Write): void {
  if (!world.application(writer).signingOut) world.violate('I3', 'the credential was removed and nobody signed out')
}

/** Where nothing is stored, only a sign-in stores: anything else would undo a sign-out. */
function judgeFirst(world: World, write: Write, after: TokenRecord): void {
  if (!isSignIn(world, write, after)) world.violate('R13', 'a sign-out was undone')
  if (after.generation !== 1) world.violate('I3', `the first generation is ${after.generation}`)
}

/** A redemption keeps what the stored refresh token brought, or what a later presentation of its parent did. */
function judgeNew(world: World, write: Write, before: TokenRecord, after: TokenRecord): void {
  const { generation } = after
  if (generation !== before.generation + 1) {
    world.violate('I3', `the generation went from ${before.generation} to ${generation} with other tokens`)
  }
  if (isSignIn(world, write, after)) {
    if (after.audiences !== undefined) world.violate('R13', 'a sign-in has left access tokens of before')
    return
  }
  const [changed, another] = changedTokens(before, after)
  if (another !== undefined) world.violate('I3', 'one redemption changed the tokens of two audiences')
  const issued = world.server.issued.get(changed?.token ?? '')
  if (issued?.audience !== changed?.audience) world.violate('I2', `${changed?.token} was kept for another audience`)
  const parent = issued?.parent
  const successor = parent !== undefined && parent === before.tokens?.refreshToken
  const later =
    parent !== undefined &&
    parent === world.server.parentOf(before.tokens?.refreshToken) &&
    (after.kept?.presentation ?? 0) > (before.kept?.presentation ?? 0)
  if (!successor && !later) {
    world.violate('I3', `${changed?.token} does not descend from what it replaced, ${before.tokens?.refreshToken}`)
  }
  if (world.weather.rotation !== 'fixed' && world.server.parentOf(after.tokens?.refreshToken) !== parent) {
    world.violate('I3', `the refresh token that came with ${changed?.token} was not kept`)
  }
}

function judgeSame(world: World, write: Write, before: TokenRecord, after: TokenRecord): void {
  if (after.generation !== before.generation && !isSignedInAgain(world, write, after))
    world.violate('I3', 'the generation changed and the tokens did not')
  if (after.tokens?.refreshToken !== before.tokens?.refreshToken) world.violate('I3', 'only the refresh token changed')
  if (after.claim !== undefined && after.claim.id !== before.claim?.id)
    judgeClaim(world, write, before, after, after.claim)
  else if (
    before.claim !== undefined &&
    after.outcome?.kind !== 'lost' &&
    before.claim.holder.pid !== write.writer.pid
  ) {
    world.violate('I6', 'the outcome of a claim was written by somebody else')
  }
  const { state, outcome } = after
  if (state === undefined || before.state !== undefined) return
  const refused = world.server.rejections.has(after.tokens?.refreshToken ?? '')
  const exhausted = outcome?.kind === 'lost' && (before.claim?.presentation ?? 0) >= 2
  if (!refused && !exhausted) world.violate('I9', 'the credential was given up without a reason')
}

/** The right to present: won only where nobody has it, or taken from whom it may be taken. */
function judgeClaim(
  world: World,
  { writer, askedAt }: Write,
  before: TokenRecord,
  after: TokenRecord,
  claim: RefreshClaim,
): void {
  const { ledger, weather, scheduler } = world
  const { tokens } = before
  const era = ledger.era(after)
  if (before.state !== undefined) world.violate('I1', 'a refused refresh token was claimed')

  const wanted = [...world.application(writer).wanted]
  if (!wanted.some((audience) => isDue(world, writer, before, audience))) {
    world.violate('F4', `${tokens?.accessToken} is refreshed although it is good and nobody refused it`)
  }

  const taken = before.claim
  if (!weather.singleUse) return
  if (taken === undefined) {
    if (claim.presentation !== 1) world.violate('I1', 'a first claim counts as a later presentation')
    if (ledger.wasProcessed(era)) {
      world.violate('I1', `${tokens?.refreshToken} is claimed as if it had never been presented`)
    }
    return
  }
  const own = ledger.claims.get(taken.id)
  if (own?.process === writer && own.call === undefined && claim.presentation === taken.presentation) return
  if (claim.previous?.id !== taken.id) world.violate('I1', 'a takeover does not say from whom')
  if (claim.presentation !== taken.presentation + 1) world.violate('I1', 'a takeover is not counted')
  if (!isJustified(world, taken, claim, writer.holder.host, askedAt)) {
    world.violate('I1', `a claim was taken over as "${claim.previous?.verdict}", which is not so`)
  }
  // From the decision to the write a little time passes; and a grace is counted by the wall clocks of whoever is concerned.
  const tolerance = weather.clockStep > 0 ? Number.POSITIVE_INFINITY : 3_000
  const age = scheduler.now - (ledger.firstClaim(era) ?? scheduler.now)
  if (claim.presentation > 2 && age > weather.knownGrace + tolerance) {
    world.violate('I1', `presentation ${claim.presentation}, ${Math.round(age)} ms after the first claim`)
  }
}

/** Whether a process may want another token for an audience that its callers have asked for. */
function isDue(world: World, writer: SimulatedProcess, record: TokenRecord, audience: string | undefined): boolean {
  const { renewing, named } = world.application(writer)
  if (renewing) return true
  const { tokens, refreshAt } = audience === undefined ? record : (record.audiences?.[audience] ?? {})
  if (tokens === undefined) return audience !== undefined
  const until = tokens.expiresAt ?? Number.POSITIVE_INFINITY
  const margin = Math.min(world.weather.policy.refreshBefore ?? 0, (until - tokens.obtainedAt) / 2)
  if (writer.latest >= until - margin || writer.latest >= (refreshAt ?? Number.POSITIVE_INFINITY)) return true
  return named.has(tokens.accessToken)
}

function isJustified(world: World, taken: RefreshClaim, claim: RefreshClaim, host: string, askedAt: number): boolean {
  const { weather, ledger } = world
  const silent = askedAt - (ledger.claims.get(taken.id)?.writtenAt ?? 0)
  const provable = weather.proof && taken.holder.host === host
  switch (claim.previous?.verdict) {
    case 'dead':
      return provable && world.isDead(taken.holder.pid ?? 0)
    case 'in_doubt':
      return taken.inDoubt === true
    case 'expired':
      return (
        silent >=
        (provable ? Math.max(weather.policy.claimTtl, weather.policy.stallTimeout ?? 0) : weather.policy.claimTtl)
      )
    default:
      return false
  }
}

function isSignIn(world: World, write: Write, record: TokenRecord): boolean {
  const token = record.tokens?.accessToken ?? ''
  const issued = world.server.issued.get(token)
  if (issued === undefined || issued.parent !== undefined) return false
  return !world.ledger.keptAt.has(token) || isSignedInAgain(world, write, record)
}

/** Who was told that its sign-in failed, before the write of it got through, signs in with the same tokens again. */
function isSignedInAgain(world: World, { writer }: Write, { kept, claim, outcome, tokens }: TokenRecord): boolean {
  if (kept !== undefined || claim !== undefined || outcome !== undefined) return false
  return world.application(writer).signingInAgain.has(tokens?.accessToken ?? '')
}
