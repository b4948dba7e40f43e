import { type AuthorizationServer, type Fault, startAuthorizationServer, type TokenRequest } from '@tokenflight/testing'
import { fingerprint, type History } from './history.ts'
import { lifetime } from './patience.ts'
import { createRandom, type Random } from './random.ts'

/** The authorization server at the other end of a bad line: strict, watched, and failing now and then until it is told to stop. */
export interface Network {
  readonly server: AuthorizationServer
  /** From now on nothing goes wrong, and tokens live long. */
  calm(): Promise<void>
}

/** Milliseconds after which a request that hangs goes on. */
const hangsFor = 1500

export async function openNetwork(seed: number, graceMs: number, history: History): Promise<Network> {
  const random = createRandom(seed, 'network')
  let calm = false
  const server = await startAuthorizationServer({
    accessTokenLifetime: lifetime / 1000,
    expiresIn: lifetime / 1000,
    grace: graceMs,
    latencyBefore: () => (calm ? 0 : latency(random)),
    latencyAfter: () => (calm ? 0 : latency(random)),
  })
  // One fault waits at any time: that of the next request.
  server.script([drawFault(random)])

  const said = new Map<number, TokenRequest['phase']>()
  server.onTokenRequest(({ number: request, refreshToken, phase, fault, outcome, accessToken, status }) => {
    if (!said.has(request)) {
      if (!calm) server.script([drawFault(random)])
      if (fault?.fault === 'hang') setTimeout(() => server.releaseHangs(), hangsFor).unref()
    }
    if (refreshToken === undefined || said.get(request) === phase) return
    if (!said.has(request)) {
      const trouble = fault === undefined || fault.fault === 'none' ? {} : { fault: describe(fault) }
      history.write({ type: 'presented', request, refresh: fingerprint(refreshToken), ...trouble })
    }
    said.set(request, phase)
    if (phase === 'processed' && outcome !== undefined) {
      history.write({ type: 'processed', request, outcome })
      if (accessToken !== undefined) history.write({ type: 'issued', access: fingerprint(accessToken) })
    }
    if (phase === 'answered' || phase === 'lost') {
      said.set(request, 'answered')
      history.write({ type: 'settled', request, phase, ...(status === undefined ? {} : { status }) })
    }
  })

  return {
    server,
    async calm() {
      calm = true
      server.releaseHangs()
      // The fault that waits is spent on a request without a refresh token.
      await fetch(server.tokenEndpoint, { method: 'POST', body: new URLSearchParams() }).catch(() => {})
      server.releaseHangs()
      history.write({ type: 'quiet' })
      server.configure({ accessTokenLifetime: 3600, expiresIn: 'lifetime' })
    },
  }
}

function latency(random: Random): number {
  return random.chance(0.03) ? random.between(200, 1500) : random.between(1, 40)
}

/** Answers that spend the refresh token and are lost cost the grant, as they would anywhere: there are only so many of them. */
function drawFault(random: Random): Fault {
  if (random.chance(0.85)) return { fault: 'none' }
  const faults: Fault[] = [
    { fault: 'unavailable', error: 'temporarily_unavailable' },
    { fault: 'unavailable', retryAfter: 0 },
    { fault: 'unavailable', status: 429, error: 'slow_down' },
    { fault: 'unavailable' },
    { fault: 'reset' },
    { fault: 'reset', consume: true },
    { fault: 'truncated' },
    { fault: 'garbage', shape: 'html' },
    { fault: 'garbage', shape: 'empty', consume: true },
    { fault: 'hang' },
    { fault: 'hang', consume: true },
  ]
  return random.pick(faults)
}

function describe({ fault, consume }: Fault): string {
  return consume === true ? `${fault}, after the token was spent` : fault
}
