import { type CommandShape, isPath, type OptionShape } from './tree.ts'

export function fishCompletion(commands: CommandShape[], own: OptionShape[]): string {
  const lines = [
    '# fish completion of tokenflight',
    'complete -c tokenflight -f',
    ...own.map((option) => complete('__fish_use_subcommand', optionWords(option))),
    ...commands.flatMap(({ name, summary, options, arguments: [first] }) => {
      const inside = `__fish_seen_subcommand_from ${name}`
      return [
        complete('__fish_use_subcommand', `-a ${name} -d ${quoted(summary)}`),
        ...options.map((option) => complete(inside, optionWords(option))),
        ...argumentWords(name, first?.name).map((words) => complete(inside, words)),
      ]
    }),
  ]
  return `${lines.join('\n')}\n`
}

function complete(condition: string, words: string): string {
  return `complete -c tokenflight -n ${quoted(condition)} ${words}`
}

function optionWords({ long, short, description, value, choices }: OptionShape): string {
  const words = [`-l ${long.replace(/^--/, '')}`, `-d ${quoted(description)}`]
  if (short !== undefined) words.push(`-s ${short.replace(/^-/, '')}`)
  if (isPath(value)) words.push('-r -F')
  else if (choices.length > 0) words.push(`-x -a ${quoted(choices.join(' '))}`)
  else if (value !== undefined) words.push('-x')
  return words.join(' ')
}

function argumentWords(command: string, name: string | undefined): string[] {
  if (command === 'exec') return ["-a '(__fish_complete_command)'"]
  if (command === 'completion') return ["-a 'bash zsh fish'"]
  return isPath(name) ? ['-F'] : []
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
