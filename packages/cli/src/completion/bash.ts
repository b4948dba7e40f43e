import { type CommandShape, isPath, type OptionShape } from './tree.ts'

/** Also for bash 3.2, which macOS has: no mapfile, and no compopt that could fail. */
export function bashCompletion(commands: CommandShape[], own: OptionShape[]): string {
  const names = commands.map(({ name }) => name)
  return `# bash completion of tokenflight
_tokenflight() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= i IFS=$'\\n'
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join('|')}) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command in
    '') ${words([...names, ...own.flatMap(spellings)])} ;;
${commands.map(commandCase).join('\n')}
  esac
}
_tokenflight_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$1"))
}
complete -F _tokenflight tokenflight
`
}

function commandCase({ name, options, arguments: [first] }: CommandShape): string {
  const valued = options.filter(({ value }) => value !== undefined)
  const paths = valued.filter(({ value }) => isPath(value))
  const chosen = valued.filter(({ choices }) => choices.length > 0)
  const free = valued.filter((option) => !paths.includes(option) && !chosen.includes(option))
  const lines = [
    ...(paths.length > 0 ? [`        ${pattern(paths)}) _tokenflight_files "$cur" ;;`] : []),
    ...chosen.map((option) => `        ${option.long}) ${words(option.choices)} ;;`),
    ...(free.length > 0 ? [`        ${pattern(free)}) ;;`] : []),
    `        *) if [[ $cur == -* ]]; then ${words(options.flatMap(spellings))}; else ${otherwise(name, first?.name)}; fi ;;`,
  ]
  return `    ${name})\n      case $prev in\n${lines.join('\n')}\n      esac ;;`
}

function otherwise(command: string, argument: string | undefined): string {
  if (command === 'exec') return `COMPREPLY=($(compgen -c -- "$cur"))`
  if (command === 'completion') return words(['bash', 'zsh', 'fish'])
  return isPath(argument) ? `_tokenflight_files "$cur"` : ':'
}

function words(list: readonly string[]): string {
  return `COMPREPLY=($(IFS=' '; compgen -W '${list.join(' ')}' -- "$cur"))`
}

function pattern(options: readonly OptionShape[]): string {
  return options.map(({ long }) => long).join('|')
}

function spellings({ long, short }: OptionShape): string[] {
  return short === undefined ? [long] : [long, short]
}
