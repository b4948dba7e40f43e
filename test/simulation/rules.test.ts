import type { RefreshClaim, TokenRecord } from '@tokenflight/core'
import { describe, expect, test } from 'vitest'
import { judgeArrival, judgeCall, judgeLost } from './presentation-rules.ts'
import { calm } from './weather.ts'
import { World } from './world.ts'

// The judges, each shown a right and a wrong.

/** A seed whose weather has single-use tokens, true clocks and provable deaths on one host. */
function calmWorld(): World {
  for (let seed = 1; ; seed++) {
    const world = new World(seed)
    const { rotation, proof, hosts, clockStep, knownGrace, processes } = world.weather
    if (rotation === 'strict' && proof && hosts === 1 && clockStep === 0 && knownGrace === 0 && processes >= 2)
      return world
  }
}

async function signedIn() {
  const world = calmWorld()
  calm(world.weather)
  const [p, q] = world.processes
  if (p === undefined || q === undefined) throw new Error('two processes are needed')
  void world.application(p).signIn()
  await world.run(10_000)
  const { record } = world.store
  if (record?.tokens === undefined) throw new Error('nobody is signed in')
  const { tokens } = record

  const write = async (process: typeof p, next: TokenRecord | undefined) => {
    const store = world.store.storeOf(process)
    const current = store.read('default')
    await world.run(world.scheduler.now + 1_000)
    const { version } = await current
    // A broken rule ends the run before the reply is there.
    void store.compareAndSet('default', version, next)
    await world.run(world.scheduler.now + 1_000)
  }
  const claim = (process: typeof p, more: Partial<RefreshClaim> = {}): RefreshClaim => {
    return { id: 'c1', holder: process.holder, claimedAt: 0, since: 0, presentation: 1, ...more }
  }
  return { world, p, q, record: { ...record, tokens }, tokens, write, claim }
}

describe('writes', () => {
  test('F4: a claim on a good token that nobody refused is noticed, on an expired one it is right', async () => {
    const s = await signedIn()
    await s.write(s.p, { ...s.record, revision: 2, claim: s.claim(s.p) })
    expect(s.world.violation?.invariant).toBe('F4')
    const t = await signedIn()
    await t.world.run(t.world.weather.lifetime * 1_000)
    t.p.wall()
    await t.write(t.p, { ...t.record, revision: 2, claim: t.claim(t.p) })
    expect(t.world.violation).toBeUndefined()
  })

  const takeover = async (
    verdict: 'dead' | 'expired' | 'in_doubt',
    before: (s: Awaited<ReturnType<typeof signedIn>>) => void,
  ) => {
    const s = await signedIn()
    for (const process of [s.p, s.q]) s.world.application(process).named.add(s.tokens.accessToken)
    const first = s.claim(s.p)
    await s.write(s.p, { ...s.record, revision: 2, claim: first })
    before(s)
    await s.world.run(s.world.scheduler.now + 1_000)
    const previous = { id: 'c1', holder: s.p.holder, claimedAt: 0, verdict }
    await s.write(s.q, { ...s.record, revision: 3, claim: s.claim(s.q, { id: 'c2', presentation: 2, previous }) })
    return s.world.violation?.invariant
  }

  test('I1: a takeover from the dead is right, from the living it is noticed', async () => {
    expect(await takeover('dead', ({ p }) => p.end())).toBeUndefined()
    expect(await takeover('dead', () => {})).toBe('I1')
    expect(await takeover('expired', () => {})).toBe('I1')
    expect(await takeover('in_doubt', () => {})).toBe('I1')
  })

  test('I3: tokens that come from nowhere, and a generation that does not grow, are noticed', async () => {
    const s = await signedIn()
    await s.write(s.p, { ...s.record, revision: 2, generation: 2, tokens: { ...s.tokens, accessToken: 'at-99' } })
    expect(s.world.violation?.invariant).toBe('I3')
    const t = await signedIn()
    await t.write(t.p, { ...t.record, revision: 2, generation: 2 })
    expect(t.world.violation?.invariant).toBe('I3')
  })

  test('I3: an older sign-in that comes again is noticed, except from whom it was told to have failed', async () => {
    const again = async (told: boolean) => {
      const s = await signedIn()
      if (told) s.world.application(s.q).signingInAgain.add(s.tokens.accessToken)
      const newer = s.world.server.signIn()
      const tokens = { ...s.tokens, accessToken: newer.access_token, refreshToken: newer.refresh_token ?? '' }
      await s.write(s.p, { ...s.record, revision: 2, generation: 2, tokens })
      expect(s.world.violation).toBeUndefined()
      await s.write(s.q, { ...s.record, revision: 3, generation: 3 })
      return s.world.violation?.invariant
    }
    expect(await again(false)).toBe('I3')
    expect(await again(true)).toBeUndefined()
  })

  test('R13: what comes back after a sign-out is noticed', async () => {
    const s = await signedIn()
    s.world.application(s.p).signingOut = true
    await s.write(s.p, undefined)
    expect(s.world.violation).toBeUndefined()
    await s.write(s.q, { ...s.record, revision: 1, generation: 1 })
    expect(s.world.violation?.invariant).toBe('R13')
  })

  test('I9: giving up without a refusal is noticed', async () => {
    const s = await signedIn()
    await s.write(s.p, { ...s.record, revision: 2, state: 'reauthorization_required' })
    expect(s.world.violation?.invariant).toBe('I9')
  })
})

describe('presentations', () => {
  const claimed = async () => {
    const s = await signedIn()
    s.world.application(s.p).named.add(s.tokens.accessToken)
    await s.write(s.p, { ...s.record, revision: 2, claim: s.claim(s.p) })
    return s
  }

  test('I1: one without a claim, and two under one claim, are noticed', async () => {
    const s = await signedIn()
    judgeCall(s.world, s.p, s.tokens)
    expect(s.world.violation?.invariant).toBe('I1')
    const t = await claimed()
    judgeCall(t.world, t.p, t.tokens)
    expect(t.world.violation).toBeUndefined()
    judgeCall(t.world, t.p, t.tokens)
    expect(t.world.violation?.invariant).toBe('I1')
  })

  test('I1: a grant that sends twice is noticed', async () => {
    const { world, p, tokens } = await claimed()
    const call = judgeCall(world, p, tokens)
    judgeArrival(world, call)
    expect(world.violation).toBeUndefined()
    judgeArrival(world, call)
    expect(world.violation?.invariant).toBe('I1')
  })

  test('R3: tokens that were received and never kept are noticed, unless their process has died', async () => {
    for (const dies of [true, false]) {
      const { world, p, tokens } = await claimed()
      judgeCall(world, p, tokens).answer = world.server.redeem(tokens.refreshToken ?? '') ?? { access_token: '' }
      if (dies) p.end()
      judgeLost(world)
      expect(world.violation?.invariant).toBe(dies ? undefined : 'R3')
    }
  })
})

describe('handouts', () => {
  const tell = async (accessToken: (world: World) => string, rejected?: string) => {
    const { world, p } = await signedIn()
    const answer = async () => ({ accessToken: accessToken(world), tokenType: 'Bearer', obtainedAt: 0 })
    await world.handouts.ask(p, rejected, answer)
    return world.violation?.invariant
  }

  test('I2, R3: a token that nobody issued, and one that is not kept, are noticed', async () => {
    expect(await tell(() => 'at-1')).toBeUndefined()
    expect(await tell(() => 'stranger')).toBe('I2')
    expect(await tell(({ server }) => server.signIn().access_token)).toBe('R3')
  })

  test('I2: the refused token itself is noticed', async () => {
    expect(await tell(() => 'at-1', 'at-1')).toBe('I2')
  })

  test('I7: an error that is none of ours is noticed', async () => {
    const { world, p } = await signedIn()
    const mistake = new TypeError('undefined is not a function')
    await expect(world.handouts.ask(p, undefined, () => Promise.reject(mistake))).rejects.toBe(mistake)
    expect(world.violation?.invariant).toBe('I7')
  })
})

test('I5: going round and round without time passing is noticed, and much at one moment is not', async () => {
  const world = calmWorld()
  for (let n = 0; n < 5_000; n++) world.scheduler.after(1_000, () => {})
  await world.run(1_000)
  expect(world.violation).toBeUndefined()
  // Less than a clock at this time can show.
  const again = () => void world.scheduler.after(1e-14, again)
  again()
  await world.run(2_000)
  expect(world.violation).toMatchObject({ invariant: 'I5', at: 1_000 })
})
