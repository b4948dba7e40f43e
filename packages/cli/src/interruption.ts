import { constants } from 'node:os'

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Ctrl-C and its kin: the first aborts the signal so that everything can be put away, the second ends the process at once. */
export interface Interruption {
  readonly signal: AbortSignal
  /** 128 plus the signal's number, as shells report it. */
  exitCode(): number
  release(): void
}

export function interruption(): Interruption {
  const controller = new AbortController()
  let code = 1
  const listen = (name: NodeJS.Signals): void => {
    code = 128 + constants.signals[name]
    if (controller.signal.aborted) process.exit(code)
    controller.abort(new Error(`interrupted by ${name}`))
  }
  for (const name of names) process.on(name, listen)
  return {
    signal: controller.signal,
    exitCode: () => code,
    release: () => {
      for (const name of names) process.off(name, listen)
    },
  }
}
