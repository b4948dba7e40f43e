import type { AccessToken, TokenSource } from '@tokenflight/core'
import type { Telemetry } from './telemetry.ts'

/** The same source, whose callers are measured. Those whom the memory serves at once are not. */
export function measured<Source extends TokenSource>(source: Source, telemetry: Telemetry, key: string): Source {
  const { inMemory } = telemetry

  function measure(answer: Promise<AccessToken>, rejected: string | undefined): void {
    const wait = telemetry.enter(key)
    let waited = false
    answer.then(
      (token) => {
        telemetry.leave(wait)
        if (waited) telemetry.waited(wait)
        else inMemory.add(answer)
        if (rejected !== undefined) telemetry.rejected(key, token.accessToken !== rejected)
      },
      (error: unknown) => {
        telemetry.leave(wait)
        if (waited) telemetry.waited(wait, error)
        if (rejected !== undefined) telemetry.rejected(key, false)
      },
    )
    // Behind the reaction above, which comes first where the answer is there already.
    queueMicrotask(() => {
      waited = true
    })
  }

  return replacing(source, {
    getAccessToken(options: Parameters<TokenSource['getAccessToken']>[0]) {
      const answer = source.getAccessToken(options)
      if (options?.rejected !== undefined || !inMemory.has(answer)) measure(answer, options?.rejected)
      return answer
    },
  })
}

/** A copy with other methods. What is found under symbols, and getters, stay what they are. */
function replacing<Source extends object>(source: Source, methods: object): Source {
  return Object.create(Object.getPrototypeOf(source), {
    ...Object.getOwnPropertyDescriptors(source),
    ...Object.getOwnPropertyDescriptors(methods),
  })
}
