import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { completionFor } from '../src/completion/completion.ts'
import { createProgram } from '../src/program.ts'

const program = createProgram(() => {})
const installed = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tokenflight-completion-'))
  await writeFile(join(directory, 'a credential.json'), '')
  for (const shell of ['bash', 'zsh', 'fish'] as const)
    await writeFile(join(directory, shell), completionFor(shell, program))
})
afterAll(() => rm(directory, { recursive: true }))

function run(shell: string, args: string[]): string {
  const { stdout, stderr, status } = spawnSync(shell, args, {
    cwd: directory,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: directory, TERM: 'dumb', LANG: 'C.UTF-8' },
    timeout: 15_000,
  })
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

/** What each shell offers for a line that ends where the cursor is. */
const offers: Record<'bash' | 'zsh' | 'fish', (line: string) => string[]> = {
  bash(line) {
    const words = line
      .split(' ')
      .map((word) => `'${word}'`)
      .join(' ')
    const script = `source ./bash; COMP_WORDS=(${words}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _tokenflight; printf '%s\\n' "\${COMPREPLY[@]}"`
    return lines(run('bash', ['--norc', '-c', script]))
  },
  // As it is typed, in a terminal of its own. Descriptions are laid out in groups, each of which adds its candidates once more.
  zsh(line) {
    const script = `
      zmodload zsh/zpty
      zpty z zsh -f -i
      zpty -w z "PROMPT= ; unsetopt zle_bracketed_paste; stty columns 200 rows 200; autoload -U compinit; compinit -u; source ./zsh"
      zpty -w z "compadd() { local -a found; builtin compadd -O found \\"\\$@\\"; all+=(\\$found); builtin compadd \\"\\$@\\" }"
      zpty -w z "typeset -ga all; report() { _main_complete; print -r -- BEGIN; print -rl -- \\$all; print -r -- END; exit }"
      zpty -w z "zle -C report list-choices report; bindkey '^I' report; print READY"
      zpty -r z out '*READY*READY*'
      zpty -n -w z ${JSON.stringify(line)}$'\\t'
      zpty -r z out '*BEGIN*END*'
      print -r -- "\${\${out##*BEGIN}%%END*}"`
    return [...new Set(lines(run('zsh', ['-f', '-c', script]).replaceAll('\r', '').replaceAll('\\ ', ' ')))]
  },
  fish: (line) =>
    lines(run('fish', ['--no-config', '-c', `source ./fish; complete -C '${line}'`])).map(
      (one) => one.split('\t')[0] ?? '',
    ),
}

const lines = (text: string): string[] => text.split('\n').filter((one) => one.trim() !== '')

describe.each(['bash', 'zsh', 'fish'] as const)('completion in %s', (shell) => {
  const here = test.skipIf(!installed(shell))

  here('offers the commands', () => {
    const expected = program.commands.map((command) => command.name())
    expect(offers[shell]('tokenflight ')).toEqual(expect.arrayContaining(expected))
    expect(offers[shell]('tokenflight to')).toEqual(['token'])
  })

  here('offers the options of a command', () => {
    expect(offers[shell]('tokenflight token --he').sort()).toEqual(['--header', '--help'])
  })

  here('offers the values of an option that has only some', () => {
    expect(offers[shell]('tokenflight token --algorithm oa')).toEqual(['oauth2'])
  })

  here('offers files where a file is wanted, with blanks in their names', () => {
    expect(offers[shell]('tokenflight token --file a').join()).toMatch(/^a\\? credential\.json$/)
    expect(offers[shell]('tokenflight status a').join()).toMatch(/^a\\? credential\.json$/)
  })

  here('offers nothing for a value that only the user knows', () => {
    expect(offers[shell]('tokenflight token --client-id a')).toEqual([])
  })
})
