import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { Member } from './crew.ts'
import type { Setup } from './messages.ts'
import { openScene, type Scene, told } from './scene.ts'
import type { Step } from './steps.ts'

/** Short, so that a stop outlasts them: a claim is waited for this long, and a living owner of the critical section that long. */
const impatient = {
  policy: { claimTtl: 2500, refreshTimeout: 2000, settle: 100 },
  mutexTimeout: 300,
} satisfies Partial<Setup>

interface Row {
  step: Step
  /** The others see a claim by then. */
  claimed: boolean
  /** What the others are told while the holder is stopped. */
  meanwhile: 'token' | 'refresh_outcome_unknown'
}

describe.concurrent('S4 a holder that is stopped past every time-out and goes on later', () => {
  test.for<Row>([
    { step: 'looked', claimed: false, meanwhile: 'token' },
    { step: 'claim prepared', claimed: false, meanwhile: 'token' },
    { step: 'claim entered', claimed: false, meanwhile: 'token' },
    { step: 'claim compared', claimed: false, meanwhile: 'token' },
    // It may present at any time, or has: nobody else may.
    { step: 'claim published', claimed: true, meanwhile: 'refresh_outcome_unknown' },
    { step: 'claim written', claimed: true, meanwhile: 'refresh_outcome_unknown' },
    { step: 'answered', claimed: true, meanwhile: 'refresh_outcome_unknown' },
    // Its answer is on the disk, where the others find it and finish its work.
    { step: 'commit prepared', claimed: true, meanwhile: 'token' },
    { step: 'commit entered', claimed: true, meanwhile: 'token' },
    { step: 'commit compared', claimed: true, meanwhile: 'token' },
    { step: 'commit published', claimed: false, meanwhile: 'token' },
    { step: 'kept', claimed: false, meanwhile: 'token' },
  ])('at the step "$step" leaves the others meanwhile with: $meanwhile', async (row, { onTestFinished }) => {
    const scene = await openScene(onTestFinished)
    const other = await scene.start(impatient)
    const holder = await scene.start({ ...impatient, standsAt: row.step })
    const own = holder.call(5)
    await holder.reached(row.step)
    holder.stop()

    const meanwhile = await other.call(5)
    const stored = await scene.stored()
    const expected = row.meanwhile === 'token' ? stored?.tokens?.accessToken : row.meanwhile
    expect(told(meanwhile)).toEqual(meanwhile.map(() => expected))
    if (row.meanwhile !== 'token') {
      expect(meanwhile[0]).toMatchObject({ retryable: true })
      expect(stored?.claim).toMatchObject({ presentation: 1, holder: { pid: holder.pid } })
    }
    await expectOneStory(scene, holder, own, other)
    // Whatever was told meanwhile has not been overwritten.
    if (row.meanwhile === 'token') expect((await scene.stored())?.tokens).toEqual(stored?.tokens)
    expect(other.events).not.toContainEqual(expect.objectContaining({ type: 'takeover' }))
  })

  test('with its request at the server takes the answer that came meanwhile', async ({ onTestFinished }) => {
    const scene = await openScene(onTestFinished)
    const { server } = scene
    const [holder, other] = await Promise.all([scene.start(impatient), scene.start(impatient)])
    const held = server.hold('before')
    const own = holder.call(5)
    await held.arrived
    holder.stop()
    const meanwhile = await other.call(5)
    expect(told(meanwhile)).toEqual(meanwhile.map(() => 'refresh_outcome_unknown'))
    held.release()
    await server.waitFor(({ phase }) => phase === 'answered')
    await expectOneStory(scene, holder, own, other)
  })

  test('and whose answer was lost meanwhile says that nobody knows, and the next presentation is justified by that', async ({
    onTestFinished,
  }) => {
    const scene = await openScene(onTestFinished)
    const { server } = scene
    const [holder, other] = await Promise.all([scene.start(impatient), scene.start(impatient)])
    server.next({ fault: 'reset' })
    const held = server.hold('before')
    const own = holder.call(5)
    await held.arrived
    holder.stop()
    held.release()
    await server.waitFor(({ phase }) => phase === 'lost')
    holder.continue()
    const answers = await own
    expect(told(answers)).toEqual(answers.map(() => 'refresh_outcome_unknown'))
    expect((await scene.stored())?.claim).toMatchObject({ presentation: 1, inDoubt: true })

    const [token] = told(await other.call(1))
    expect(server.issued).toContain(token)
    expect(scene.presentations()).toBe(2)
    const takeover = expect.objectContaining({ type: 'takeover', verdict: 'in_doubt', presentation: 2 })
    expect(other.events).toContainEqual(takeover)
  })

  test('and is taken over after stallTimeout before it presented anything presents nothing any more', async ({
    onTestFinished,
  }) => {
    const { scene, holder, other, own } = await openStalled(onTestFinished, 'claim written', 0)
    expect(other.events).toContainEqual(expect.objectContaining({ type: 'takeover', verdict: 'expired' }))
    await expectUntouched(scene, () => expectOneStory(scene, holder, own, other))
  })

  test('and is taken over after stallTimeout, within grace, with its answer in memory does not overwrite newer tokens', async ({
    onTestFinished,
  }) => {
    const { scene, holder, other, own } = await openStalled(onTestFinished, 'answered', 60_000)
    expect(scene.presentations()).toBe(2)
    await expectUntouched(scene, async () => {
      holder.continue()
      holder.go()
      const answers = await own
      const current = (await scene.stored())?.tokens?.accessToken
      expect(told(answers)).toEqual(answers.map(() => current))
      expect(told(await other.call(1))).toEqual([current])
    })
    expect(scene.server.isAlive(scene.first.grantId)).toBe(true)
  })
})

/** The holder goes on; then everybody has the one token that the one presentation brought. */
async function expectOneStory(scene: Scene, holder: Member, own: ReturnType<Member['call']>, other: Member) {
  holder.continue()
  holder.go()
  const answers = [...(await own), ...(await other.call(5)), ...(await holder.call(5))]
  const token = (await scene.stored())?.tokens?.accessToken
  expect(told(answers)).toEqual(answers.map(() => token))
  expect(scene.server.issued).toContain(token)
  expect(scene.presentations()).toBe(1)
  expect(scene.server.tokenRequests).toBe(1)
  expect(scene.server.isAlive(scene.first.grantId)).toBe(true)
}

/** A holder stopped at `step` for longer than even a living one is waited for, and another that has refreshed meanwhile. */
async function openStalled(onTestFinished: Parameters<typeof openScene>[0], step: Step, grace: number) {
  const scene = await openScene(onTestFinished, { grace, graceMode: 'fork' })
  const setup = { ...impatient, policy: { ...impatient.policy, stallTimeout: 2500 }, grace }
  const other = await scene.start(setup)
  const holder = await scene.start({ ...setup, standsAt: step })
  const own = holder.call(5)
  await holder.reached(step)
  holder.stop()
  const [token] = told(await other.call(1))
  expect(scene.server.issued).toContain(token)
  return { scene, holder, other, own }
}

async function expectUntouched(scene: Scene, act: () => Promise<void>): Promise<void> {
  const before = await readFile(scene.path, 'utf8')
  await act()
  expect(await readFile(scene.path, 'utf8')).toBe(before)
}
