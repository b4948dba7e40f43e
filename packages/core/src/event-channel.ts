import type { TokenEvent } from './events.ts'

/** Of Node's `diagnostics_channel`, what is used. */
interface Channel {
  readonly hasSubscribers: boolean
  publish(event: TokenEvent): void
}

interface Runtime {
  process?: { getBuiltinModule?: (name: string) => { channel(name: string): Channel } | undefined }
}

/**
 * `tokenflight:event` of `diagnostics_channel`: every event of every manager, for tools that the application knows nothing of. It is
 * asked of the runtime rather than imported, because core runs where there is none; there it is undefined.
 */
export const eventChannel: Channel | undefined = (globalThis as Runtime).process
  ?.getBuiltinModule?.('node:diagnostics_channel')
  ?.channel('tokenflight:event')
