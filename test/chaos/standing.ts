import type { Evidence, Span } from './evidence.ts'

/** A claim in the record, from when the witness saw it there until it saw something else. */
export interface Standing extends Span {
  /** Of whoever made it. */
  pid: number | undefined
}

export function standingClaims(all: Evidence['all']): Standing[] {
  const holders = new Map(all('claiming').map(({ claim, pid }) => [claim, pid]))
  const seen = all('seen').sort((one, other) => one.at - other.at)
  const changes = seen.filter(({ claim }, index) => index === 0 || claim !== seen[index - 1]?.claim)
  return changes.flatMap(({ claim, at }, index) => {
    if (claim === undefined) return []
    return [{ pid: holders.get(claim), from: at, to: changes[index + 1]?.at ?? Number.POSITIVE_INFINITY }]
  })
}
