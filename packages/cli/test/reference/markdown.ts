import type { Command } from 'commander'
import { type OptionShape, optionsOf, shapesOf } from '../../src/completion/tree.ts'
import { afterHelp } from './after.ts'

/** The reference, from the commands that are parsed. */
export function markdown(program: Command): string {
  const commands = shapesOf(program)
  const settings = new Map(
    commands.flatMap(({ options }) => options.filter(isSetting).map((option) => [option.long, option] as const)),
  )
  return `${[
    '# The command `tokenflight`',
    'Written by a test from what the command parses, as are its completions and its manual page. What it is for is in the [README](../packages/cli/README.md).',
    '```\ntokenflight <command> [options]\n```',
    table(
      ['command', ''],
      commands.map(({ name, summary }) => [`[\`${name}\`](#${name})`, summary]),
    ),
    ...program.commands.flatMap((command) => section(command)),
    '## Settings',
    'Flags win over variables, those over the nearest `tokenflight.json` of the working directory and those above, that over `$XDG_CONFIG_HOME/tokenflight/tokenflight.json`. In these files the names are written `likeThis`: `--client-id` is `clientId`.',
    table(
      ['flag', 'variable', ''],
      [...settings.values()].map((option) => [
        `\`${option.flags}\``,
        option.env ? `\`${option.env}\`` : '',
        meaning(option),
      ]),
    ),
    'The client secret itself: `TOKENFLIGHT_CLIENT_SECRET`, `--client-secret-file`, or `"clientSecretCommand": ["program", "argument"]` in a file of settings.',
    '## Exit codes',
    table(['code', ''], exitCodes),
  ].join('\n\n')}\n`
}

export const exitCodes: [string, string][] = [
  ['0', 'done'],
  ['1', 'failed'],
  ['2', 'the command line or a file of settings is wrong'],
  ['3', 'somebody must sign in'],
  ['75', 'the same command may succeed later'],
  ['126, 127', '`exec`: the command cannot be run, or there is none'],
  ['128 + n', 'ended by signal n'],
]

function section(command: Command): string[] {
  const shape = shapesOf(command.parent ?? command).find(({ name }) => name === command.name())
  if (shape === undefined) return []
  const rows = optionsOf(command).filter((option) => !isSetting(option))
  const settings = shape.options.filter(isSetting).map(({ long }) => `\`${long}\``)
  const after = afterHelp(command)
  return [
    `## ${shape.name}`,
    shape.description,
    `\`\`\`\ntokenflight ${shape.usage}\n\`\`\``,
    ...(shape.arguments.length > 0
      ? [
          table(
            ['argument', ''],
            shape.arguments.map(({ name, description }) => [`\`${name}\``, description]),
          ),
        ]
      : []),
    table(
      ['option', ''],
      rows.map((option) => [`\`${option.flags}\``, meaning(option)]),
    ),
    ...(settings.length > 0 ? [`[Settings](#settings): ${settings.join(', ')}.`] : []),
    ...(after === '' ? [] : [`\`\`\`\n${after}\n\`\`\``]),
  ]
}

const isSetting = ({ group }: OptionShape): boolean => group === 'Settings:'

function meaning({ description, choices, default: value }: OptionShape): string {
  const choice = choices.length > 0 ? `: ${choices.map((one) => `\`${one}\``).join(', ')}` : ''
  // Of a port it means something else, and the description says what.
  return `${description}${choice}${value === undefined || value === 0 ? '' : `; default: ${value}`}`
}

function table(head: string[], rows: (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}
