import { describe, expect, test } from 'vitest'
import { modeOf, namesIn } from './crew.ts'
import { openScene, type Scene, told } from './scene.ts'
import type { Step } from './steps.ts'

/** Milliseconds in which everyone has an answer after a death. One poll and `settle` are promised; this only catches hangs. */
const bound = 8_000

interface Row {
  step: Step
  /** The others see a claim by then, and wait for its holder. */
  claimed: boolean
  /** How often the refresh token reaches the authorization server in all. */
  presentations: 1 | 2
  told: 'token' | 'reauthorization_required'
  /** How the others find out what to do. */
  by: 'refresh_started' | 'takeover' | 'salvaged' | 'adopted'
}

const token = { presentations: 1, told: 'token' } as const

describe.concurrent('S3 a holder that is killed', () => {
  test.for<Row>([
    { step: 'looked', claimed: false, ...token, by: 'refresh_started' },
    { step: 'claim prepared', claimed: false, ...token, by: 'refresh_started' },
    { step: 'claim entered', claimed: false, ...token, by: 'refresh_started' },
    { step: 'claim compared', claimed: false, ...token, by: 'refresh_started' },
    { step: 'claim published', claimed: true, ...token, by: 'takeover' },
    { step: 'claim written', claimed: true, ...token, by: 'takeover' },
    // The unavoidable window: the refresh token is spent, and its successor was in the memory of a process that is gone.
    { step: 'answered', claimed: true, presentations: 2, told: 'reauthorization_required', by: 'takeover' },
    { step: 'commit prepared', claimed: true, ...token, by: 'salvaged' },
    { step: 'commit entered', claimed: true, ...token, by: 'salvaged' },
    { step: 'commit compared', claimed: true, ...token, by: 'salvaged' },
    { step: 'commit published', claimed: false, ...token, by: 'adopted' },
    { step: 'kept', claimed: false, ...token, by: 'adopted' },
  ])('at the step "$step" leaves the others with: $told', async (row, { onTestFinished }) => {
    const scene = await openScene(onTestFinished)
    const others = await Promise.all([scene.start(), scene.start()])
    const holder = await scene.start({ standsAt: row.step })
    void holder.call()
    await holder.reached(row.step)

    const ask = () => Promise.all(others.map((other) => other.call(5)))
    let asked: ReturnType<typeof ask> | undefined
    if (row.claimed) {
      asked = ask()
      await Promise.all(others.map((other) => other.heard(({ type }) => type === 'waiting')))
    }
    await holder.kill()
    const killed = performance.now()
    const outcomes = (await (asked ?? ask())).flat()

    expect(performance.now() - killed).toBeLessThan(bound)
    await expectOutcome(scene, row, told(outcomes))
    const events = others.flatMap((other) => other.events)
    expect(events).toContainEqual(expect.objectContaining({ type: row.by }))
    if (row.by === 'takeover') {
      const holderOfIt = expect.objectContaining({ pid: holder.pid })
      expect(events.filter(({ type }) => type === 'takeover')).toEqual([
        expect.objectContaining({ presentation: 2, verdict: 'dead', holder: holderOfIt }),
      ])
    } else expect(events).not.toContainEqual(expect.objectContaining({ type: 'takeover' }))
    await expectTidied(scene)
  })

  test('while its request is on its way, and lost with it, leaves the others with a token', async ({
    onTestFinished,
  }) => {
    const scene = await openScene(onTestFinished)
    const { server } = scene
    const [holder, other] = await Promise.all([scene.start(), scene.start()])
    server.next({ fault: 'reset' })
    const lost = server.hold('before')
    void holder.call()
    await lost.arrived
    const asked = other.call(5)
    await other.heard(({ type }) => type === 'waiting')
    const second = server.hold('before')
    await holder.kill()
    lost.release()

    await second.arrived
    // Before the second presentation: who is presenting again, and why.
    expect((await scene.stored())?.claim).toMatchObject({
      presentation: 2,
      holder: { pid: other.pid },
      previous: { verdict: 'dead', holder: { pid: holder.pid } },
    })
    second.release()
    await expectOutcome(scene, { presentations: 2, told: 'token' }, told(await asked))
    await expectTidied(scene)
  })

  test('while the answer is on its way leaves the others with one clear end, and no third presentation', async ({
    onTestFinished,
  }) => {
    const scene = await openScene(onTestFinished)
    const [holder, other] = await Promise.all([scene.start(), scene.start()])
    const held = scene.server.hold('after')
    void holder.call()
    await held.arrived
    const asked = other.call(5)
    await other.heard(({ type }) => type === 'waiting')
    await holder.kill()

    const row = { presentations: 2, told: 'reauthorization_required' } as const
    const outcomes = await asked
    await expectOutcome(scene, row, told(outcomes))
    expect(outcomes[0]).toMatchObject({ message: expect.stringContaining(`process ${holder.pid} (since `) })
    // Terminal, for processes that have seen nothing of it too.
    const later = await scene.start()
    await expectOutcome(scene, row, told(await later.call(5)))
    await expectTidied(scene)
  })

  test('with the answer in memory costs nothing where the server is known to have a grace', async ({
    onTestFinished,
  }) => {
    const scene = await openScene(onTestFinished, { grace: 60_000 })
    const [holder, other] = await Promise.all([
      scene.start({ standsAt: 'answered', grace: 60_000 }),
      scene.start({ grace: 60_000 }),
    ])
    void holder.call()
    await holder.reached('answered')
    const asked = other.call(5)
    await other.heard(({ type }) => type === 'waiting')
    await holder.kill()
    await expectOutcome(scene, { presentations: 2, told: 'token' }, told(await asked))
    await expectTidied(scene)
  })
})

async function expectOutcome(scene: Scene, row: Pick<Row, 'presentations' | 'told'>, answers: string[]) {
  const { server, first } = scene
  const stored = await scene.stored()
  const expected = row.told === 'token' ? stored?.tokens?.accessToken : row.told
  expect(answers).toEqual(answers.map(() => expected))
  expect(scene.presentations()).toBe(row.presentations)
  expect(server.tokenRequests).toBe(row.presentations)
  expect(server.isAlive(first.grantId)).toBe(row.told === 'token')
  if (row.told === 'token') expect(server.issued).toContain(expected)
}

/** I8: the next process that writes leaves nothing behind but the file, still its owner's alone; and the credential goes on. */
async function expectTidied(scene: Scene): Promise<void> {
  if ((await scene.stored())?.state !== undefined) await scene.signIn()
  const next = await scene.start({ policy: { coolDown: 0 } })
  const rejected = (await scene.stored())?.tokens?.accessToken ?? ''
  const [token] = told(await next.call(1, { rejected }))
  expect(scene.server.issued).toContain(token)
  expect(token).not.toBe(rejected)
  expect(await namesIn(scene.directory)).toEqual(['credentials.json'])
  expect(await modeOf(scene.path)).toBe(0o600)
}
