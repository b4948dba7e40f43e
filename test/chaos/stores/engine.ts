import type { TokenStore } from '@tokenflight/core'
import type { Spell } from '../weather.ts'
import type { Place } from './place.ts'

/** What keeps the credential in a run, as its controller sees it. */
export interface Engine {
  /** Its own door, past all that goes wrong between processes and server. */
  readonly store: TokenStore
  /** As process number so and so reaches it. */
  placeOf(serial: number): Place
  /** As the witness does: past the same trouble. */
  readonly seenAt: Place
  /** What may go wrong with it. */
  readonly spells: readonly Spell[]
  /** Runs a program as one of the processes: a command and its arguments. */
  readonly under: readonly string[]
  /** Who they are, where that is somebody else than the controller. */
  readonly owner?: { uid: number; gid: number }
  /** Processes that have to end with the run. */
  readonly pids: readonly number[]
  /** Names of all that is there, and how readable it is; when all processes are gone. */
  rest(): Promise<{ names: string[]; leftovers: string[]; mode?: number }>
  close(): Promise<void>
}
