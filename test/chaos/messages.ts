import type { RefreshPolicy } from '@tokenflight/core'
import type { Moment } from './moments.ts'
import type { Place } from './stores/place.ts'
import type { WayName } from './way-names.ts'

/** What a process of the run is told when it starts. */
export interface Setup {
  way: WayName
  seed: number
  /** Unlike any other process of the run; part of its seed. */
  name: string
  threads: number
  callers: number
  place: Place
  history: string
  tokenEndpoint: string
  clientId: string
  graceMs: number
  /** Of access tokens, in milliseconds: an API refuses what is older. */
  lifetimeMs: number
  policy: Policy
  /** Whether its file system fails now and then. */
  sick: boolean
}

export type Policy = Pick<
  RefreshPolicy,
  'claimTtl' | 'refreshTimeout' | 'settle' | 'retryFor' | 'keepTimeout' | 'coolDown' | 'refreshBefore' | 'softWindow'
>

export type Order =
  /** To kill or stop itself at this moment, if it gets there before `until` (the history's clock). */
  | { type: 'fall' | 'freeze'; moment: Moment; until: number }
  /** Its wall clock is off by so many milliseconds from now on. */
  | { type: 'clock'; offsetMs: number }
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
