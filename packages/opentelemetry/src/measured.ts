import type { AccessToken, TokenSource, TokenSources } from '@tokenflight/core'
import type { Telemetry } from './telemetry.ts'

type Measurable = TokenSource & Partial<Pick<TokenSources, 'forResource' | 'forScope'>>

/** The same source, whose callers are measured. A token in memory costs one look into a set. */
export function measured<Source extends Measurable>(source: Source, telemetry: Telemetry, key: string): Source {
  const { inMemory } = telemetry
  const { forResource, forScope } = source

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
    ...(forResource && {
      forResource: (...args: Parameters<typeof forResource>) => measured(forResource(...args), telemetry, key),
    }),
    ...(forScope && {
      forScope: (...args: Parameters<typeof forScope>) => measured(forScope(...args), telemetry, key),
    }),
  })
}

/** A copy with other methods. What is found under symbols, and getters, stay what they are. */
function replacing<Source extends object>(source: Source, methods: object): Source {
  return Object.create(Object.getPrototypeOf(source), {
    ...Object.getOwnPropertyDescriptors(source),
    ...Object.getOwnPropertyDescriptors(methods),
  })
}
