import { join } from 'node:path'
import { diagnose } from '../../packages/cli/src/diagnose/diagnose.ts'
import { corpus, type Label, readLabels } from './generate.ts'

export interface Judged {
  file: string
  label: Label
  /** What was found. */
  found: string[]
}

export interface Score {
  kind: string
  right: number
  /** Found where it is not. */
  wrong: number
  /** Not found where it is. */
  missed: number
  precision: number
  recall: number
}

/** Runs the diagnosis over the corpus, or over those files of it that are wanted. */
export async function judgeCorpus(wanted: (label: Label) => boolean = () => true): Promise<Judged[]> {
  const judged: Judged[] = []
  for (const [file, label] of Object.entries(readLabels())) {
    if (!wanted(label)) continue
    const { findings } = await diagnose({ files: [join(corpus, file)], now: Date.UTC(2026, 11, 1) })
    judged.push({ file, label, found: findings.map(({ kind }) => kind) })
  }
  return judged
}

export function scoreOf(judged: readonly Judged[]): Score[] {
  const kinds = [...new Set(judged.flatMap(({ label, found }) => [...label.kinds, ...found]))].sort()
  return kinds.map((kind) => {
    const count = (is: boolean, said: boolean): number =>
      judged.filter(({ label, found }) => label.kinds.includes(kind) === is && found.includes(kind) === said).length
    const [right, wrong, missed] = [count(true, true), count(false, true), count(true, false)]
    return { kind, right, wrong, missed, precision: share(right, right + wrong), recall: share(right, right + missed) }
  })
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole
}
