import type { Command } from 'commander'
import { type OptionShape, optionsOf, shapesOf } from '../../src/completion/tree.ts'
import { afterHelp } from './after.ts'
import { exitCodes } from './markdown.ts'

/** The manual page, in the macros of man(7). */
export function man(program: Command): string {
  const commands = shapesOf(program)
  return `${[
    '.TH TOKENFLIGHT 1 "" "tokenflight" "User Commands"',
    '.SH NAME',
    `tokenflight \\- ${text('OAuth token refresh that survives many callers, processes and machines')}`,
    '.SH SYNOPSIS',
    '.B tokenflight\n.I command\n[options]',
    '.SH DESCRIPTION',
    text(program.description()),
    ...commands.flatMap(({ name, summary }) => ['.TP', `.B ${text(name)}`, text(summary)]),
    ...program.commands.flatMap((command) => {
      const usage = commands.find(({ name }) => name === command.name())?.usage ?? ''
      const after = afterHelp(command)
      return [
        `.SH ${text(command.name().toUpperCase())}`,
        `.B tokenflight ${text(usage)}`,
        '.PP',
        text(command.description()),
        ...optionsOf(command).flatMap(option),
        ...(after === '' ? [] : ['.PP', '.nf', ...after.split('\n').map(text), '.fi']),
      ]
    }),
    '.SH EXIT STATUS',
    ...exitCodes.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, text(meaning.replaceAll('`', ''))]),
  ].join('\n')}\n`
}

function option({ flags, description, env, choices }: OptionShape): string[] {
  const more = [
    choices.length > 0 ? `One of ${choices.join(', ')}.` : [],
    env === undefined ? [] : `Variable: ${env}.`,
  ].flat()
  return ['.TP', `.B ${text(flags)}`, text([`${description}.`, ...more].join(' '))]
}

/** Backslashes and hyphens as they are, and no line that begins like a macro. */
function text(words: string): string {
  return words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(['.])/, '\\&$1')
}
