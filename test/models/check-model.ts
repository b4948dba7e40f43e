import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Model } from './models.ts'

/** What the checker found. */
export interface Verdict {
  states: number
  /** In its own words; undefined where nothing is wrong in any state. */
  violation: string | undefined
  /** A way there, step by step. */
  trail: string
}

/** Programs that are needed and not there. */
export const missing: readonly string[] = ['spin', 'cc'].filter(
  (program) => spawnSync(program, ['--version']).error !== undefined,
)

/** Every state that can be reached is visited once: spin writes a program that does it, the compiler makes it, and it runs. */
export async function checkModel({ file, switches, broken }: Model): Promise<Verdict> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tokenflight-model-'))
  const run = (program: string, ...args: string[]) => runIn(directory, program, args)
  const model = fileURLToPath(new URL(file, import.meta.url))
  const defines = switches.map((each) => `-D${each}`)
  try {
    await run('spin', '-a', ...defines, model)
    // Where a mistake is soon found, compiling would take longer than looking.
    await run('cc', broken ? '-O0' : '-O1', '-w', '-DSAFETY', '-DNOFAIR', '-o', 'pan', 'pan.c')
    const said = await run('./pan', '-m200000')
    const [, states = ''] = /(\d+) states, stored/.exec(said) ?? []
    const [, violation] = /^pan:1: (.*) \(at depth/m.exec(said) ?? []
    if (states === '' || /max search depth too small|out of memory/.test(said) || !/errors: [01]\b/.test(said))
      throw new Error(`The checker of ${file} did not come to an end:\n${said}`)
    const trail = violation === undefined ? '' : await run('spin', '-t', '-p', '-k', `${file}.trail`, ...defines, model)
    return { states: Number(states), violation, trail }
  } finally {
    await rm(directory, { recursive: true })
  }
}

function runIn(cwd: string, program: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error }))
    })
  })
}
