import type { Entry } from './entry.ts'

/** Several logs as one, by time. What has no time goes first; the order within a log stays as it is. */
export async function* mergeByTime(sources: readonly AsyncGenerator<Entry[]>[]): AsyncGenerator<Entry> {
  const heads = (await Promise.all(sources.map(open))).filter((head) => head !== undefined)
  while (heads.length > 0) {
    const first = heads.reduce((a, b) => (timeOf(b) < timeOf(a) ? b : a))
    const entry = first.batch[first.at++]
    if (entry !== undefined) yield entry
    if (first.at < first.batch.length) continue
    const { value, done } = await first.source.next()
    if (done) heads.splice(heads.indexOf(first), 1)
    else Object.assign(first, { batch: value, at: 0 })
  }
}

interface Head {
  source: AsyncGenerator<Entry[]>
  batch: Entry[]
  at: number
}

async function open(source: AsyncGenerator<Entry[]>): Promise<Head | undefined> {
  const { value, done } = await source.next()
  return done ? undefined : { source, batch: value, at: 0 }
}

function timeOf({ batch, at }: Head): number {
  return batch[at]?.at ?? Number.NEGATIVE_INFINITY
}
