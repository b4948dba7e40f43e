import { defineGrant, type Grant, GrantError, type TokenResponse } from '@tokenflight/core'
import { judgeArrival, judgeCall } from './presentation-rules.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

type Fate = 'answered' | 'not_sent' | 'unavailable' | 'refused' | 'request_lost' | 'answer_lost' | 'late'

/** One process's way to the authorization server: requests and answers may be late, and lost either way. */
export function createSimulatedGrant(world: World, process: SimulatedProcess): Grant {
  const { weather, server, random } = world

  return defineGrant(
    ({ previous, resource, signal }) =>
      new Promise<TokenResponse>((resolve, reject) => {
        const call = judgeCall(world, process, previous)
        const fate = process.cut ? 'request_lost' : drawFate(world)
        world.log(process, () => `presents ${previous?.refreshToken} for ${resource ?? 'itself'} (${fate})`)
        world.mishaps.touched(process, 'presentation')
        let open = true
        const way = () => random.spread(1, fate === 'late' ? weather.policy.refreshTimeout * 3 : weather.networkLatency)
        const fail = (failure: GrantError) => {
          open = false
          reject(failure)
        }
        const unknown = () => fail(new GrantError('unknown', 'connection reset'))
        const silent = random.chance(0.5)
        const answer = (deliver: () => void) => process.later(way(), () => open && deliver())

        // Some clients give up when told to, and whatever they had sent may still arrive; some go on.
        if (random.chance(0.8)) signal.addEventListener('abort', () => open && unknown(), { once: true })
        if (fate === 'not_sent') return void answer(() => fail(new GrantError('not_sent', 'connection refused')))
        if (fate === 'request_lost') return void (silent || answer(unknown))
        process.send(way(), () => {
          if (signal.aborted && random.chance(0.5)) return
          if (fate === 'unavailable') {
            const retryAfter = random.pick([undefined, 1_000, 20_000])
            return void answer(() => fail(new GrantError('unavailable', 'answered 503', { status: 503, retryAfter })))
          }
          if (fate === 'refused') {
            return void answer(() => fail(new GrantError('refused', 'answered 401', { error: 'invalid_client' })))
          }
          judgeArrival(world, call)
          const tokens = server.redeem(previous?.refreshToken ?? '', resource)
          world.log(
            undefined,
            () => `the server answers ${previous?.refreshToken} with ${tokens?.access_token ?? 'invalid_grant'}`,
          )
          if (fate === 'answer_lost' || process.cut) return void (silent || answer(unknown))
          answer(() => {
            if (tokens === undefined)
              return fail(new GrantError('rejected', 'answered 400', { error: 'invalid_grant' }))
            open = false
            call.answer = tokens
            resolve(tokens)
          })
        })
      }),
    { grace: weather.knownGrace, singleUse: weather.singleUse },
  )
}

function drawFate({ weather, random }: World): Fate {
  if (random.chance(weather.notSent)) return 'not_sent'
  if (random.chance(weather.unavailable)) return 'unavailable'
  if (random.chance(weather.refused)) return 'refused'
  if (random.chance(weather.requestLost)) return 'request_lost'
  if (random.chance(weather.answerLost)) return 'answer_lost'
  return random.chance(weather.answerLate) ? 'late' : 'answered'
}
