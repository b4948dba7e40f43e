import { openLink } from '../services/link.ts'
import type { History } from './history.ts'
import { spellsOf } from './line.ts'
import type { Issuer } from './servers/issuer.ts'
import { openOidc } from './servers/oidc.ts'
import { openSimulator } from './servers/simulator.ts'
import type { Spell } from './weather.ts'

/** An authorization server at the other end of a bad line. */
export interface Network {
  readonly issuer: Issuer
  /** As the processes reach it. */
  readonly tokenEndpoint: string
  /** What may become of the line. */
  readonly spells: readonly Spell[]
  close(): Promise<void>
}

export interface NetworkOptions {
  server: 'simulator' | 'oidc'
  seed: number
  graceMs: number
}

export async function openNetwork({ server, seed, graceMs }: NetworkOptions, history: History): Promise<Network> {
  const issuer = server === 'oidc' ? await openOidc(seed, history) : await openSimulator(seed, graceMs, history)
  const endpoint = new URL(issuer.tokenEndpoint)
  const link = await openLink({ port: Number(endpoint.port) })
  endpoint.port = String(link.port)
  return {
    issuer,
    tokenEndpoint: endpoint.href,
    spells: spellsOf(link),
    async close() {
      await link.close()
      await issuer.close()
    },
  }
}
