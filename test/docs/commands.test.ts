import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../packages/cli/src/program.ts'
import { readerPages, repository, snippetsOf } from './snippets.ts'

interface Line {
  place: string
  text: string
}

/** Every line that a reader may type, and what is between single ticks. */
const typed: Line[] = readerPages().flatMap((page) => {
  const blocks = snippetsOf(page).filter(({ info }) => ['', 'sh', 'bash'].includes(info))
  const prose = readFileSync(join(repository, page), 'utf8').replace(/^( *`{3,})[^\n]*\n[\s\S]*?^\1[ \t]*$/gm, '')
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => ({ place: page, text }))
  return [...blocks.flatMap(({ place, code }) => code.split('\n').map((text) => ({ place, text }))), ...inline]
})

const of = (pattern: RegExp) =>
  typed.flatMap(({ place, text }) => [...text.matchAll(pattern)].map((match) => ({ place, match })))

describe('A command that a reader may type', () => {
  it('is a script of the repository', () => {
    const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))
    const run = of(/\bnpm run ([\w:-]+)/g)
    expect(run.length).toBeGreaterThan(10)
    expect(run.filter(({ match }) => !((match[1] ?? '') in scripts))).toEqual([])
  })

  it('is one of tokenflight, with options that it has', () => {
    const program = createProgram(() => {})
    const commands = new Map(program.commands.map((command) => [command.name(), command]))
    const called = of(/(?:^|[\s(])tokenflight ([a-z]+)\b([^|>)]*)/g)
    expect(called.length).toBeGreaterThan(10)
    const wrong = called.filter(({ match: [, name = '', rest = ''] }) => {
      const command = commands.get(name)
      const known = new Set(command?.options.map(({ long }) => long))
      // What stands behind a lone -- is somebody else's.
      const options = (rest.split(/\s--\s/)[0] ?? '').match(/--[a-z][\w-]*/g) ?? []
      return command === undefined || options.some((option) => option !== '--help' && !known.has(option))
    })
    expect(wrong.map(({ place, match }) => `${place}: ${match[0].trim()}`)).toEqual([])
  })
})
