import fs from 'node:fs/promises'
import path from 'node:path'
import type { Grant, TokenStore } from '@tokenflight/core'
import type { FileOperations } from '@tokenflight/store-file'

/**
 * The steps of one refresh inside the holder, in order. `prepared`: the next content is complete, in a private place. `entered`: in the
 * critical section. `compared`: about to publish. `published`: in the file, though the store has not answered yet.
 */
export const steps = [
  'looked',
  'claim prepared',
  'claim entered',
  'claim compared',
  'claim published',
  'claim written',
  'answered',
  'commit prepared',
  'commit entered',
  'commit compared',
  'commit published',
  'kept',
] as const

export type Step = (typeof steps)[number]

/** A credential file's store and a grant that say where a refresh is. */
export interface Steps {
  operations: FileOperations
  store(inner: TokenStore): TokenStore
  grant(inner: Grant): Grant
}

/** @param reach Called at each step and waited for. */
export function watchSteps(
  file: string,
  reach: (step: Step) => Promise<void> | void,
  operations: FileOperations = fs,
): Steps {
  let answered = false
  const part = (): 'claim' | 'commit' => (answered ? 'commit' : 'claim')

  return {
    operations: {
      ...operations,
      // A compare-and-set on a file is two renames: into the critical section, and from there onto the file.
      async rename(from, to) {
        const publishes = path.basename(String(to)) === path.basename(file)
        await reach(`${part()} ${publishes ? 'compared' : 'prepared'}`)
        await operations.rename(from, to)
        await reach(`${part()} ${publishes ? 'published' : 'entered'}`)
      },
    },
    store: (inner) => ({
      ...inner,
      async read(key) {
        const stored = await inner.read(key)
        await reach('looked')
        return stored
      },
      async compareAndSet(key, version, record) {
        if (record?.claim !== undefined) answered = false
        const result = await inner.compareAndSet(key, version, record)
        if (result.ok) await reach(answered ? 'kept' : 'claim written')
        return result
      },
    }),
    grant: (inner) =>
      Object.assign(async (request: Parameters<Grant>[0]) => {
        const answer = await inner(request)
        answered = true
        await reach('answered')
        return answer
      }, inner),
  }
}
