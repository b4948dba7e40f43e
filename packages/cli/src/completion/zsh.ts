import { type CommandShape, isPath, type OptionShape } from './tree.ts'

export function zshCompletion(commands: CommandShape[], own: OptionShape[]): string {
  return `#compdef tokenflight
# zsh completion of tokenflight
_tokenflight() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    if [[ $words[2] == -* ]]; then
      _arguments ${own.map(optionSpec).join(' ')}
    else
      _describe -t commands command commands
    fi
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _tokenflight ]]; then
  _tokenflight "$@"
else
  compdef _tokenflight tokenflight
fi
`
}

function commandCase({ name, options, arguments: [first] }: CommandShape): string {
  const rest = first === undefined ? [] : [argumentSpec(name, first.name)]
  const specs = [...options.map(optionSpec), ...rest]
  return `    ${name})\n      _arguments \\\n        ${specs.join(' \\\n        ')} ;;`
}

function argumentSpec(command: string, name: string): string {
  if (command === 'exec') return quoted('(-)*:::command: _normal')
  if (command === 'completion') return quoted(`1:${name}:(bash zsh fish)`)
  return quoted(`*:${name}:${isPath(name) ? '_files' : ''}`)
}

function optionSpec({ long, description, value, choices }: OptionShape): string {
  const text = description.replace(/[[\]:\\]/g, '\\$&')
  const action = isPath(value) ? '_files' : choices.length > 0 ? `(${choices.join(' ')})` : ''
  return quoted(`${long}[${text}]${value === undefined ? '' : `:${value.replaceAll(':', '\\:')}:${action}`}`)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
