import type { Command } from 'commander'
import { bashCompletion } from './bash.ts'
import type { Shell } from './command.ts'
import { fishCompletion } from './fish.ts'
import { type CommandShape, type OptionShape, optionsOf, shapesOf } from './tree.ts'
import { zshCompletion } from './zsh.ts'

const writers: Record<Shell, (commands: CommandShape[], own: OptionShape[]) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
}

/** The script for a shell, from the very commands that are parsed. */
export function completionFor(shell: Shell, program: Command): string {
  return writers[shell](shapesOf(program), optionsOf(program))
}
