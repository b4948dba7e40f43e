import type { TokenEvent, TokenManagerOptions } from '@tokenflight/core'
import type { Step } from './steps.ts'

/** What a caller process is told when it starts. */
export interface Setup {
  way: 'tokenflight' | 'naive' | 'refresh-guard'
  /** The credential file that all processes share. */
  path: string
  tokenEndpoint: string
  /** The API that callers call. */
  api: string
  clientId: string
  /** Threads that call, each with a manager of its own. Default: the main thread alone. */
  threads?: number
  /** Where it stands still, once, until it is told to go on. */
  standsAt?: Step
  policy?: Pick<
    TokenManagerOptions,
    'claimTtl' | 'refreshTimeout' | 'settle' | 'stallTimeout' | 'softWindow' | 'coolDown'
  >
  /** Milliseconds for which the authorization server answers a spent refresh token again, as the client knows it. */
  grace?: number
  /** The pid namespace that it says its claims are from, in place of its own. */
  pretendsNamespace?: string
  /** Of the store: how long a living process may sit in the critical section, ms. */
  mutexTimeout?: number
}

export type Order =
  | { type: 'call'; id: number; callers: number; via: 'api' | 'tokens'; rejected?: string; resource?: string }
  | { type: 'go' }
  | { type: 'end' }

export type Report =
  | { type: 'ready' }
  | { type: 'reached'; step: Step }
  | { type: 'event'; event: TokenEvent }
  /** The store was asked whether the holder of a claim lives. */
  | { type: 'judged'; state: 'dead' | 'alive' | 'unknown' }
  | { type: 'answered'; id: number; outcomes: Outcome[] }

/** What became of one caller. */
export type Outcome = { token: string; status?: number } | { code: string; message: string; retryable?: boolean }
