import type { TokenEvent, TokenManagerOptions } from '@tokenflight/core'
import type { Outcome } from './messages.ts'

/** Where a refresh is inside its holder: the claim is in Redis; the answer is in memory; the tokens are in Redis. */
export type RedisStep = 'claimed' | 'answered' | 'kept'

/** What a process with callers of one credential in Redis is told when it starts. */
export interface RedisSetup {
  kind: string
  url: string
  tokenEndpoint: string
  clientId: string
  grace: number
  policy: Partial<Pick<TokenManagerOptions, 'claimTtl' | 'refreshTimeout' | 'settle' | 'coolDown'>>
  /** Each with a connection and a manager of its own. Default: the main thread alone. */
  threads?: number
  /** Where it stands still, once, until it is told to go on. */
  standsAt?: RedisStep
}

export type RedisOrder =
  | { type: 'call'; id: number; callers: number; rejected?: string }
  | { type: 'go' }
  | { type: 'end' }

export type RedisReport =
  | { type: 'ready' }
  | { type: 'reached' }
  | { type: 'event'; event: TokenEvent }
  | { type: 'answered'; id: number; outcomes: Outcome[] }
