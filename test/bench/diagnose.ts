import { judgeCorpus, scoreOf } from '../diagnose/score.ts'
import { readStream } from '../diagnose/stream.ts'
import type { Effort } from './effort.ts'
import { count } from './effort.ts'
import { createRow, type Row } from './row.ts'

const megabytes = 50

/** Of the corpus: how many of the findings are right, and how many of those that there are were found. Of long logs: how fast. */
export async function measureDiagnose(effort: Effort): Promise<Row[]> {
  const judged = await judgeCorpus()
  const share = (id: string, what: string, value: number): Row => createRow({ id, what, unit: 'of 1' }, [value])
  const rows = scoreOf(judged).flatMap(({ kind, right, wrong, missed, precision, recall }) => [
    share(`diagnose.precision.${kind}`, `${right} of ${right + wrong} findings are right`, precision),
    share(`diagnose.recall.${kind}`, `${right} of ${right + missed} are found`, recall),
  ])
  const lookAlikes = judged.filter(({ label }) => label.lookAlike)
  const wrong = lookAlikes.filter(({ found }) => found.includes('refresh_race')).length
  const what = `of ${lookAlikes.length} logs that are not the race, called one`
  rows.push(
    createRow({ id: 'diagnose.false-race', what, unit: 'logs' }, [wrong], { goal: { goal: 0, goalOf: 'median' } }),
  )
  const quiet: number[] = []
  const busy: number[] = []
  const peak: number[] = []
  for (const _ of count(effort.logs)) {
    const none = await readStream(megabytes, 'none')
    const some = await readStream(megabytes, 100)
    quiet.push(none.bytes / 1e6 / none.cpuSeconds)
    busy.push(some.bytes / 1e6 / some.cpuSeconds)
    peak.push(some.peakRss / 1e6)
  }
  const rate = { unit: 'MB/s of CPU time' }
  return [
    ...rows,
    createRow(
      {
        id: 'diagnose.rate.quiet',
        what: `${megabytes} MB in which no line is about tokens, with the start of the process`,
        ...rate,
      },
      quiet,
    ),
    createRow({ id: 'diagnose.rate.busy', what: `${megabytes} MB in which one line in 100 is`, ...rate }, busy),
    createRow({ id: 'diagnose.rss', what: 'most memory of that process', unit: 'MB' }, peak, {
      goal: { goal: 400, goalOf: 'median' },
    }),
  ]
}
