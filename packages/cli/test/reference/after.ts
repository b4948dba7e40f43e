import type { Command } from 'commander'

/** What a command's help says behind its options: examples, mostly. */
export function afterHelp(command: Command): string {
  let text = ''
  const own = { ...command.configureOutput() }
  command.configureOutput({
    writeOut: (words) => {
      text += words
    },
    getOutHelpWidth: () => 80,
  })
  command.outputHelp()
  const help = command.helpInformation()
  command.configureOutput(own)
  return text.slice(help.length).trim()
}
