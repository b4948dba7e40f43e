import { Argument, type Command } from 'commander'

const shells = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof shells)[number]

/** Adds `completion` to the program. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print what makes a shell complete these commands')
    .description('Prints a script that makes a shell complete the commands and options of tokenflight.')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .addHelpText(
      'after',
      `
Examples:
  eval "$(tokenflight completion bash)"                                     in ~/.bashrc
  eval "$(tokenflight completion zsh)"                                      in ~/.zshrc, after compinit
  tokenflight completion fish > ~/.config/fish/completions/tokenflight.fish`,
    )
    .action(async (shell: Shell) => {
      const { completionFor } = await import('./completion.ts')
      process.stdout.write(completionFor(shell, program))
    })
}
