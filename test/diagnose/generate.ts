import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collectAnswers } from './answers.ts'
import { formats } from './formats.ts'
import { createChance } from './happening.ts'
import { lookAlikes } from './look-alikes.ts'
import { races } from './races.ts'

/** What is true about a file of the corpus. */
export interface Label {
  kinds: string[]
  lookAlike: boolean
  /** `generated` by this program, `demo`: what the demo did, `written` by hand, `held-out`: by hand, after the rules were done. */
  origin: 'generated' | 'demo' | 'written' | 'held-out'
}

export const corpus = fileURLToPath(new URL('corpus', import.meta.url))
const labels = fileURLToPath(new URL('labels.json', import.meta.url))
const seed = 20_261_014

export function readLabels(): Record<string, Label> {
  return JSON.parse(readFileSync(labels, 'utf8')) as Record<string, Label>
}

/** The generated files of the corpus: the same for the same seed. */
export async function generate(): Promise<{ name: string; content: string | Buffer; label: Label }[]> {
  const answers = await collectAnswers()
  return [...races, ...lookAlikes].flatMap(({ name, kinds, lookAlike, formats: wanted, tell }, index) =>
    wanted.map((format, n) => {
      const happenings = tell(answers, createChance(seed + index * 100 + n)).sort((a, b) => a.at - b.at)
      const { ending, write } = formats[format]
      return {
        name: `${name}.${format}.${ending}`,
        content: write(happenings),
        label: { kinds, lookAlike, origin: 'generated' },
      }
    }),
  )
}

// node test/diagnose/generate.ts writes them anew, and leaves those alone that were written by hand.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(corpus, { recursive: true })
  const others = Object.entries(readLabels()).filter(([, { origin }]) => origin !== 'generated')
  const files = await generate()
  for (const { name, content } of files) writeFileSync(join(corpus, name), content)
  const all = [...files.map(({ name, label }) => [name, label] as const), ...others].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  writeFileSync(labels, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`)
  process.stdout.write(`${files.length} files, seed ${seed}\n`)
}
