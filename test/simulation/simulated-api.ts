import { findTokenError, type TokenSource } from '@tokenflight/core'
import { withBearer } from '@tokenflight/fetch'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

const api = 'https://api.example/orders'
const elsewhere = 'https://elsewhere.example/'

/** Why a call brought nothing, or the token with which it succeeded. */
type Told = string

/**
 * One call of an application through the real fetch adapter: it attaches the token, and where the API refuses it, asks for another and
 * sends once more. Never ends where its process does.
 */
export async function callApi(
  world: World,
  process: SimulatedProcess,
  signal?: AbortSignal,
  audience?: string,
): Promise<Told> {
  const { random, weather } = world
  if (random.chance(weather.renew)) await world.application(process).renew(audience)
  const sent: string[] = []
  const source: TokenSource = {
    getAccessToken: (options) => world.application(process).ask(options?.rejected, options?.signal ?? signal, audience),
  }
  const fetch = withBearer((input, init) => send(world, process, sent, input, init), source, {
    origins: new URL(api).origin,
  })
  try {
    if (random.chance(0.05)) await fetch(elsewhere)
    const response = await fetch(api, signal && { signal })
    const token = sent.at(-1) ?? ''
    return response.ok ? token : 'refused again'
  } catch (thrown) {
    if (signal?.aborted === true && thrown === signal.reason) return 'left'
    const failure = findTokenError(thrown)
    if (failure !== undefined) return failure.code
    if (thrown instanceof ConnectionLost) return 'connection lost'
    world.violate('I7', `a caller was told ${String(thrown)}`)
    return 'a mistake'
  }
}

class ConnectionLost extends TypeError {}

/** The fetch under the adapter: one way to the API, whose answers take their time and may be lost. */
function send(
  world: World,
  process: SimulatedProcess,
  sent: string[],
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<Response> {
  const { server, random, weather } = world
  const authorization = new Headers(init?.headers).get('authorization')
  if (String(input) === elsewhere) {
    if (authorization !== null) world.violate('A1', 'a token was sent to another origin')
    return Promise.resolve(new Response(null, { status: 204 }))
  }
  const token = authorization?.replace(/^Bearer /, '') ?? ''
  sent.push(token)
  if (sent.length > 2) world.violate('A2', 'one call was sent three times')
  if (sent.length === 2 && server.accepts(sent[0] ?? ''))
    world.violate('A2', `a call was replayed though ${sent[0]} is good`)
  return new Promise((resolve, reject) => {
    const { signal } = init ?? {}
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    const way = () => random.spread(1, weather.networkLatency)
    const lost = () => void process.later(way(), () => reject(new ConnectionLost('fetch failed')))
    if (process.cut) return lost()
    process.send(way(), () => {
      if (random.chance(weather.refusal)) {
        world.count('refusal')
        world.log(undefined, () => `the resource server turns against ${token}`)
        server.turnAgainst(token)
      }
      const accepted = server.accepts(token)
      if (process.cut || random.chance(weather.answerLost / 4)) return lost()
      const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' }
      const answer = () => (accepted ? new Response(null) : new Response(null, { status: 401, headers: challenge }))
      process.later(way(), () => resolve(answer()))
    })
  })
}
