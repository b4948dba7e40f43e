import { startAuthorizationServer, type TokenRequest } from '@tokenflight/testing'
import { fingerprint, type History } from '../history.ts'
import { createRandom } from '../random.ts'
import { describeFault, drawFault, drawLatency, hangsFor } from './faults.ts'
import type { Issuer } from './issuer.ts'

/** Milliseconds; so that several tokens are needed every second. */
const lifetimeMs = 300

/** The project's own: strict, unless it has a grace. */
export async function openSimulator(seed: number, graceMs: number, history: History): Promise<Issuer> {
  const random = createRandom(seed, 'network')
  let calm = false
  const server = await startAuthorizationServer({
    accessTokenLifetime: lifetimeMs / 1000,
    expiresIn: lifetimeMs / 1000,
    grace: graceMs,
    latencyBefore: () => (calm ? 0 : drawLatency(random)),
    latencyAfter: () => (calm ? 0 : drawLatency(random)),
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
      const trouble = fault === undefined ? {} : describeFault(fault)
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
    tokenEndpoint: server.tokenEndpoint,
    lifetimeMs,
    get tokenRequests() {
      return server.tokenRequests
    },
    signIn: () => server.signIn(),
    isEnded(refreshToken) {
      const grant = server.grantOf(refreshToken)
      return grant === undefined || !server.isAlive(grant)
    },
    secrets() {
      const refreshTokens = server.state().grants.flatMap((grant) => grant.refreshTokens.map(({ token }) => token))
      return new Set([...server.issued, ...refreshTokens])
    },
    async calm() {
      calm = true
      server.releaseHangs()
      // The fault that waits is spent on a request without a refresh token.
      await fetch(server.tokenEndpoint, { method: 'POST', body: new URLSearchParams() }).catch(() => {})
      server.releaseHangs()
      server.configure({ accessTokenLifetime: 3600, expiresIn: 'lifetime' })
    },
    close: () => server.close(),
  }
}
