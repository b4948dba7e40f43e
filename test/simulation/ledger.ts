import type { TokenRecord, TokenResponse } from '@tokenflight/core'
import type { Write } from './shared-store.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** A claim as the register has seen it. */
export interface Claimed {
  id: string
  process: SimulatedProcess
  /** Names the generation across sign-outs. */
  era: string
  refreshToken: string | undefined
  sequence: number
  askedAt: number
  writtenAt: number
  call?: Call
}

/** One call of a grant. */
export interface Call {
  process: SimulatedProcess
  claim: Claimed | undefined
  at: number
  /** How often it reached the authorization server and was decided there. */
  processed: number
  /** What the process was told, if it was told. */
  answer?: TokenResponse
}

/** The access tokens that are new in a record, whichever audience they are for. */
export function changedTokens(before: TokenRecord | undefined, after: TokenRecord | undefined) {
  const old = new Set(tokensOf(before).map(({ token }) => token))
  return tokensOf(after).filter(({ token }) => !old.has(token))
}

function tokensOf({ tokens, kept, audiences = {} }: Partial<TokenRecord> = {}) {
  const further = Object.entries(audiences).map(([audience, { tokens: own, afterRejection = false }]) => ({
    ...{ audience, token: own.accessToken, afterRejection },
  }))
  if (tokens === undefined) return further
  const { accessToken: token } = tokens
  return [{ audience: undefined, token, afterRejection: kept?.afterRejection ?? false }, ...further]
}

/** What truly happened, in order: the register's writes and the grants' calls. Knows, and judges nothing. */
export class Ledger {
  readonly claims = new Map<string, Claimed>()
  readonly calls: Call[] = []
  /** The write that first kept an access token; a later one is newer. */
  readonly keptAt = new Map<string, number>()
  /** Access tokens whose predecessor was refused. */
  readonly replacements = new Set<string>()
  /** Sequence numbers of the writes that changed or removed tokens. */
  readonly turns: number[] = []
  readonly #latest = new Map<number, Claimed>()
  readonly #firstClaim = new Map<string, number>()
  #incarnation = 0

  era(record: TokenRecord): string {
    return `${this.#incarnation}.${record.generation}`
  }

  /** Notes the write. Ask about the time before it first. */
  write({ sequence, writer, askedAt, before, after }: Write, now: number): void {
    if (after === undefined) this.#incarnation++
    const changes = changedTokens(before, after)
    if (changes.length > 0 || after === undefined) this.turns.push(sequence)
    for (const { token, afterRejection } of changes) {
      if (!this.keptAt.has(token)) this.keptAt.set(token, sequence)
      if (afterRejection) this.replacements.add(token)
    }
    const claim = after?.claim
    if (after === undefined || claim === undefined || this.claims.has(claim.id)) return
    const era = this.era(after)
    const refreshToken = after.tokens?.refreshToken
    const claimed = { id: claim.id, process: writer, era, refreshToken, sequence, askedAt, writtenAt: now }
    this.claims.set(claim.id, claimed)
    this.#latest.set(writer.pid, claimed)
    if (claim.previous === undefined) this.#firstClaim.set(era, now)
  }

  /** The claim under which a process may be presenting. */
  latestClaimOf(process: SimulatedProcess): Claimed | undefined {
    return this.#latest.get(process.pid)
  }

  /** When the refresh token of this generation was claimed before anyone took it over. */
  firstClaim(era: string): number | undefined {
    return this.#firstClaim.get(era)
  }

  /** Whether the authorization server has already decided about a presentation of this generation. */
  wasProcessed(era: string): boolean {
    return this.calls.some((call) => call.processed > 0 && call.claim?.era === era)
  }
}
