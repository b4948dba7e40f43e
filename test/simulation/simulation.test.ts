import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runCampaign } from './campaign.ts'
import { describeRun, fromJson, toJson } from './report.ts'
import { shrink } from './shrink.ts'
import { simulate } from './simulation.ts'
import { variants } from './variants.ts'

describe('250 histories', async () => {
  const campaign = await runCampaign(250, 1)

  test('I1 I2 I3 I5 I6 I7 I9 F4 R3 R13 P2: break no rule', async () => {
    const [failing] = campaign.violations
    const history = failing === undefined ? '' : describeRun(await simulate(failing.seed, { record: true }))
    expect(campaign.violations, history).toEqual([])
  })

  test('are enough to notice every known mistake', () => {
    expect(campaign.variants.filter(({ caught }) => !caught)).toEqual([])
    expect(campaign.variants).toHaveLength(variants.length)
  })

  test('have in them what they are about', () => {
    const { incidents, presentations, revocations } = campaign
    const wanted = [
      'crash',
      'stop',
      'clock step',
      'outage',
      'sign-out',
      'close',
      'takeover',
      'unsaved',
      'saved',
    ] as const
    for (const incident of wanted) expect(incidents[incident], incident).toBeGreaterThan(10)
    expect(presentations).toBeGreaterThan(1_000)
    expect(revocations).toBeGreaterThan(10)
  })
})

test('I5: a rest of a back-off that was less than any clock shows, and was waited for again and again', async () => {
  expect((await simulate(408_431)).violation).toBeUndefined()
})

test('a seed decides everything', async () => {
  for (const seed of [1, 2, 4_000_000_000]) {
    const [once, again] = [await simulate(seed, { record: true }), await simulate(seed, { record: true })]
    expect(once.history.length).toBeGreaterThan(20)
    expect(again.history).toEqual(once.history)
    expect((await simulate(seed)).incidents).toEqual(once.incidents)
  }
  expect((await simulate(1, { record: true })).history).not.toEqual((await simulate(2, { record: true })).history)
})

test('a broken rule is told with its history and how to see it again', async () => {
  const sabotage = variants.find(({ name }) => name === 'no claim before the request')
  if (sabotage === undefined) throw new Error('there is no such variant')
  const run = await simulate(1, { sabotage, record: true })
  const text = describeRun(run)
  expect(text).toMatch(/presents rt-\d+/)
  expect(text).toContain('I1: ')
  expect(text).toContain('npm run simulate -- --replay 1')
})

test('a history is made short, breaks the same rule, and is found again by what is printed', async () => {
  const sabotage = variants.find(({ name }) => name === 'no claim before the request')
  if (sabotage === undefined) throw new Error('there is no such variant')
  const long = await simulate(1, { sabotage, record: true })
  const { run, weather } = await shrink(long, sabotage, 60_000)
  expect(run.violation?.invariant).toBe(long.violation?.invariant)
  expect(run.history.length).toBeLessThan(long.history.length)
  const again = await simulate(run.seed, { sabotage, weather: fromJson(toJson(weather)), record: true })
  expect(again.history).toEqual(run.history)
})

test('the command prints one JSON object', () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const args = ['--conditions=@tokenflight/source', main, '--json', '--runs', '5', '--seed', '7']
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout.trim().split('\n')).toHaveLength(1)
  expect(JSON.parse(stdout)).toMatchObject({ runs: 5, seed: 7, violations: [] })
  const { variants: tried } = JSON.parse(stdout) as { variants: unknown[] }
  expect(tried).toContainEqual(
    expect.objectContaining({ name: expect.any(String), caught: true, runsToCatch: expect.any(Number) }),
  )
  expect(spawnSync(process.execPath, [...args, '--runs', 'many']).status).toBe(2)
})
