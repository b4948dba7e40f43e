import type { RefreshPolicy } from '@tokenflight/core'
import type { Step } from '../processes/steps.ts'

/** What a process of the run is told when it starts. */
export interface Setup {
  way: 'tokenflight' | 'naive'
  seed: number
  /** Unlike any other process of the run; part of its seed. */
  name: string
  threads: number
  callers: number
  path: string
  history: string
  tokenEndpoint: string
  clientId: string
  graceMs: number
  policy: Policy
  mutexTimeout: number
  /** Whether its file system fails now and then. */
  sick: boolean
}

export type Policy = Pick<
  RefreshPolicy,
  'claimTtl' | 'refreshTimeout' | 'settle' | 'retryFor' | 'keepTimeout' | 'coolDown' | 'refreshBefore' | 'softWindow'
>

export type Order =
  /** To kill or stop itself at this step, if it gets there before `until` (the history's clock). */
  | { type: 'fall' | 'freeze'; step: Step; until: number }
  /** No further calls; report when the last has its answer. Disks are sound from now on. */
  | { type: 'rest' }
  /** One call of each thread, until it has an answer that is no "try again". */
  | { type: 'converge'; round: number; rejected?: string }
  | { type: 'end' }

export type Report =
  | { type: 'ready' }
  /** Only a new sign-in helps. */
  | { type: 'ended_credential' }
  | { type: 'resting' }
  | { type: 'converged'; round: number; answer: string }
  /** Made on its behalf when it has ended. */
  | { type: 'gone' }
