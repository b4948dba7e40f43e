import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

/**
 * What an adapter does: asks for a token, uses it, and asks once more if it is refused. Comes to the token that worked, or says why
 * there is none. It never ends where its process does.
 */
export async function useToken(
  world: World,
  process: SimulatedProcess,
  signal?: AbortSignal,
  audience?: string,
): Promise<string> {
  const { server, random, weather } = world
  if (random.chance(weather.renew)) await world.renew(process, audience)
  const first = await world.ask(process, undefined, signal, audience)
  if (first === undefined) return 'left'
  if ('failure' in first) return first.failure
  await process.pause(random.spread(1, weather.networkLatency))
  if (random.chance(weather.refusal)) {
    world.count('refusal')
    world.log(undefined, () => `the resource server turns against ${first.token}`)
    server.turnAgainst(first.token)
  }
  if (server.accepts(first.token)) return first.token
  const second = await world.ask(process, first.token, signal, audience)
  if (second === undefined) return 'left'
  if ('failure' in second) return second.failure
  await process.pause(random.spread(1, weather.networkLatency))
  return server.accepts(second.token) ? second.token : 'refused again'
}
