import type { TokenEvent } from '@tokenflight/core'
import type { WayName } from './way-names.ts'

/**
 * What happened in a run, as every process that took part writes it down. Tokens are named by fingerprints, times are milliseconds of
 * the host's monotonic clock, which all its processes share.
 */
export type Entry = { at: number } & (
  | RunEntry
  // The processes' lives, as whoever ends or stops one writes it down: before it does.
  | { type: 'started'; pid: number }
  | { type: 'killing'; pid: number }
  | { type: 'stopping'; pid: number }
  | { type: 'continued'; pid: number }
  /** Its wall clock is off by so many milliseconds from now on. */
  | { type: 'clock'; pid: number; offsetMs: number }
  | { type: 'ending'; pid: number }
  | { type: 'ended'; pid: number; code: number | null; signal: string | null; said?: string }
  /** Nothing kept it alive any more, and it did not end. */
  | { type: 'stuck'; pid: number }
  // At the authorization server.
  | { type: 'presented'; request: number; refresh: string; fault?: string }
  | { type: 'processed'; request: number; outcome: string }
  | { type: 'settled'; request: number; phase: 'answered' | 'lost'; status?: number }
  | { type: 'issued'; access: string }
  /** It was ready to run and had no processor for so many milliseconds, at some time since then. */
  | { type: 'starved'; pid: number; since: number; ms: number }
  // Of the world: something goes wrong, until the entry with the same number says that it is over.
  | { type: 'trouble'; id: number; where: Where; what: string }
  | { type: 'over'; id: number }
  // In a process, as its store and its grant see it.
  /** About to ask the store for this claim: it may not live to hear the answer. */
  | { type: 'claiming'; pid: number; claim: string }
  | ClaimedEntry
  /** Somebody else's claim, read from the store: who made it may not have lived to write it down. */
  | (Omit<ClaimedEntry, 'type'> & { type: 'noticed' })
  | { type: 'presenting'; pid: number; claim?: string; refresh: string }
  | { type: 'unanswered'; pid: number; claim?: string; refresh: string; outcome: string; tookMs: number }
  | ({ type: 'kept'; pid: number } & Durable)
  | { type: 'store_fault'; pid: number; operation: string; code: string }
  | { type: 'event'; pid: number; event: TokenEvent }
  /** An error in full, for the search for secrets. */
  | { type: 'error'; pid: number; text: string }
  | CalledEntry
  // By the witness, which only reads.
  | ({ type: 'seen'; revision?: number; claim?: string; mode?: number } & Partial<Durable>)
  | { type: 'torn'; bytes: number; why: string }
  // By the controller.
  | ({ type: 'signed_in' } & Partial<Durable>)
  | { type: 'quiet' }
  | { type: 'silent'; pid: number }
  | { type: 'converged'; round: number; requests: number; answers: string[] }
  | { type: 'finished'; leftovers: string[]; mode?: number; leaks: number; stored: Partial<Durable> }
)

export type EntryOf<T extends Entry['type']> = Extract<Entry, { type: T }>

/** An entry before it has a time. */
export type EntryBody = Entry extends infer E ? (E extends Entry ? Omit<E, 'at'> : never) : never

/** Where the world goes wrong. */
export type Where = 'store' | 'token endpoint'

/** What the run promises about time, and what the server does. */
export interface RunEntry {
  type: 'run'
  way: WayName
  processes: number
  /** Longest wait of a caller. */
  boundMs: number
  /** Time limit of one token request, as clients keep it. */
  refreshTimeoutMs: number
  /** How long a claim is waited for whose holder nobody can prove dead. */
  claimTtlMs: number
  /** Whether the store can prove that a holder is dead; then a claim is never given up by the clock. */
  provesDeath: boolean
  /** Of access tokens, as the server counts it. */
  lifetimeMs: number
  /** How long the server answers a spent refresh token again. */
  graceMs: number
}

/** Tokens of one generation that a store has acknowledged or shown. */
export interface Durable {
  generation: number
  access: string
  refresh: string
}

export interface ClaimedEntry {
  type: 'claimed'
  pid: number
  claim: string
  generation: number
  presentation: number
  /** What it may present. */
  refresh: string
  /** The claim that it took over, and why. */
  previous?: { claim: string; pid?: number; verdict: string }
}

/** Calls in one tick of one thread, and what they came to. */
export interface CalledEntry {
  type: 'called'
  pid: number
  thread: number
  callers: number
  /** When they asked; `at` is when the last of them was told. */
  askedAt: number
  /** Fingerprints of the tokens that were handed out, each once. */
  tokens: string[]
  /** Codes of the errors, each once. */
  errors: string[]
  /** Different answers among those who had to wait, and so waited for one flight. */
  shared: number
  rejected?: string
}
