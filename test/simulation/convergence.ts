import { judgeLost } from './presentation-rules.ts'
import { callApi } from './simulated-api.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { calm } from './weather.ts'
import type { World } from './world.ts'

/** Faults stop: from here on everything must come to rest, in bounded time and with one more request at most. */
export async function converge(world: World): Promise<void> {
  const { weather, scheduler, handouts } = world
  calm(weather)
  for (const process of world.processes) {
    process.offset = 0
    process.cutUntil = 0
    process.resume()
  }
  world.log(undefined, () => '--- no more faults ---')
  await world.run(scheduler.now + world.bound, () => handouts.waiting.length === 0)
  const [late] = handouts.waiting
  if (late !== undefined) {
    const waited = Math.round(scheduler.now - late.at)
    world.violate('I5', `process ${late.process.pid} has not told a caller anything for ${waited} ms`)
  }
  // Longer than any answer is late, any token lives and any back-off lasts.
  await world.run(scheduler.now + world.bound + weather.lifetime * 1_000 + 60_000)
  if (world.living.length === 0) world.start()
  judgeLost(world)
  for (const stage of [agree, signInAgain, leaveNothing]) if (world.violation === undefined) await stage(world)
}

/** Everyone comes to the same end, and then nothing changes any more. */
async function agree(world: World): Promise<void> {
  const { server } = world
  for (const audience of [undefined, ...world.audiences]) {
    const before = server.processed
    const first = await everyoneAsks(world, audience)
    const requests = server.processed - before
    if (requests > 1) world.violate('I9', `${requests} presentations after the last fault`)
    if (world.violation !== undefined) return
    const ends = ['reauthorization_required', 'no_credential']
    if (!server.accepts(first) && !ends.includes(first)) world.violate('I9', `the end of it is ${first}`)
    const second = await everyoneAsks(world, audience)
    if (second !== first) world.violate('I9', `everyone was told ${first}, and then ${second}`)
    if (server.processed !== before + requests) world.violate('I9', 'there was a presentation that nothing called for')
  }
}

async function signInAgain(world: World): Promise<void> {
  const [process] = world.living
  if (process === undefined) return
  void world.application(process).signIn()
  await world.run(world.scheduler.now + 10_000)
  const answer = await everyoneAsks(world)
  if (answer !== world.store.record?.tokens?.accessToken)
    world.violate('I9', `after a sign-in, the end of it is ${answer}`)
}

async function leaveNothing(world: World): Promise<void> {
  const closing = world.living
  for (const process of closing) void world.application(process).close()
  await world.run(world.scheduler.now + world.bound)
  const timers = closing.reduce((sum, process) => sum + process.timers, 0)
  const watching = world.store.watchersOf(closing)
  if (timers > 0 || watching > 0) world.violate('P2', `${timers} timers and ${watching} watches are left`)
  world.store.judgeRest?.()
}

/** The longest back-off, and the longest Retry-After of the simulated server. */
const backoff = 35_000

/** A caller who takes the errors at their word: what can pass is asked for again, later. */
async function insist(world: World, process: SimulatedProcess, audience: string | undefined): Promise<string> {
  for (let tries = 1; ; tries++) {
    const answer = await callApi(world, process, undefined, audience)
    const passes = [
      'temporarily_unavailable',
      'refresh_outcome_unknown',
      'invalid_client',
      'refused again',
      'connection lost',
    ]
    if (tries === 3 || !passes.includes(answer)) return answer
    await process.pause(backoff)
  }
}

/** What all living processes are told, if it is the same; else all of it. */
async function everyoneAsks(world: World, audience?: string): Promise<string> {
  const answers: string[] = []
  const asking = world.living.flatMap((process) => [process, process])
  world.scheduler.after(0, () => {
    for (const process of asking) void insist(world, process, audience).then((answer) => answers.push(answer))
  })
  await world.run(world.scheduler.now + 3 * (world.bound + backoff), () => answers.length === asking.length)
  if (answers.length < asking.length) return 'that somebody was never told anything'
  return [...new Set(answers)].join(' and ')
}
