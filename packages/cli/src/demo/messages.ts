import type { ClientName } from './clients/client.ts'

/** Which way the callers go about an expired token. */
export type Way = 'usual' | 'tokenflight'

/** What a caller process needs to know. */
export interface Setup {
  way: Way
  /** The credential file that all processes share. */
  path: string
  tokenEndpoint: string
  clientId: string
  api: string
}

/** From the demo to a caller process. */
export type Order =
  | ({ type: 'prepare' } & Setup)
  /** All callers call at this time (epoch ms). */
  | { type: 'fire'; at: number; callers: number }

/** From a caller process to the demo. */
export type Report =
  | { type: 'ready' }
  | { type: 'prepared' }
  /** One caller has its answer. */
  | { type: 'answered'; client: ClientName; ok: boolean; thread?: number }
  | { type: 'mark'; at: number; what: What; thread?: number }
  | { type: 'done' }

/**
 * What happened in a process, as the picture shows it: its callers `asked`; it `posted` a refresh token, which the authorization
 * server answered with tokens (`kept`) or an error (`refused`); it began `waiting` for another process; it `adopted` what another
 * had stored; an API call was `rejected` with 401; all its callers have `finished`.
 */
export type What = 'asked' | 'posted' | 'kept' | 'refused' | 'waiting' | 'adopted' | 'rejected' | 'finished'
