import type { Command, Option } from 'commander'

/** What a command takes, as shells and manuals need to know it. */
export interface CommandShape {
  name: string
  summary: string
  description: string
  /** Without the program's own name in front. */
  usage: string
  options: OptionShape[]
  arguments: ArgumentShape[]
}

export interface OptionShape {
  /** As it is documented: `--file <path>`. */
  flags: string
  /** With its dashes. */
  long: string
  short?: string
  description: string
  /** Whether a value follows, and what it is called. */
  value?: string
  choices: readonly string[]
  default?: string | number
  env?: string
  group: string
}

interface ArgumentShape {
  name: string
  description: string
}

/** The commands of a program, without the `help` that commander adds. */
export function shapesOf(program: Command): CommandShape[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    description: command.description(),
    usage: `${command.name()} ${command.usage()}`,
    options: optionsOf(command),
    arguments: command.registeredArguments.map((one) => ({ name: one.name(), description: one.description })),
  }))
}

/** Those that a help text shows, `--help` among them. */
export function optionsOf(command: Command): OptionShape[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map((option: Option) => {
      const {
        flags,
        long,
        short,
        description,
        argChoices: choices = [],
        envVar: env,
        helpGroupHeading,
        defaultValue,
      } = option
      const value = /<(.+)>/.exec(flags)?.[1]
      return {
        flags,
        long: long ?? flags,
        ...(short === undefined ? {} : { short }),
        description,
        ...(value === undefined ? {} : { value }),
        choices,
        ...(typeof defaultValue === 'string' || typeof defaultValue === 'number' ? { default: defaultValue } : {}),
        ...(env === undefined ? {} : { env }),
        group: helpGroupHeading ?? 'Options:',
      }
    })
}

/** Whether what follows is a file. */
export function isPath(name: string | undefined): boolean {
  return name === 'path' || name === 'files' || name === 'source'
}
