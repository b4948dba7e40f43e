import type { Grant, TokenStore } from '@tokenflight/core'
import type { SimulatedProcess } from './simulated-process.ts'
import type { Weather } from './weather.ts'
import type { World } from './world.ts'

/** A known mistake, made on purpose at one of the seams of core: the rules must notice it. */
export interface Sabotage {
  /** Where the mistake can be made at all. */
  weather?: Partial<Weather>
  store?: (store: TokenStore, world: World, process: SimulatedProcess) => TokenStore
  grant?: (grant: Grant) => Grant
  /** Further audiences are refreshed by managers of their own, which share the record with the others and see it through this. */
  apart?: (store: TokenStore) => TokenStore
  /** The file is written under a lock that is removed when it looks old. */
  mtimeLocks?: boolean
  /** What a caller names as refused. */
  rejected?: (rejected: string, world: World, process: SimulatedProcess) => string
}
