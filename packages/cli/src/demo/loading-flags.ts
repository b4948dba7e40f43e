const withValue = new Set(['-C', '--conditions', '-r', '--require', '--import', '--loader', '--experimental-loader'])

/**
 * Of the flags that this Node runs with, those that decide how modules are found and loaded. Never the others: with `--eval` a forked
 * process would run the calling program once more in place of its own, and so would the processes that it forks.
 */
export function loadingFlags(execArgv: readonly string[]): string[] {
  const flags: string[] = []
  for (let index = 0; index < execArgv.length; index++) {
    const argument = execArgv[index] ?? ''
    const [name = ''] = argument.split('=', 1)
    if (withValue.has(name)) {
      const value = argument === name ? execArgv[++index] : undefined
      flags.push(argument, ...(value === undefined ? [] : [value]))
    } else if (/^--(no-)?experimental-/.test(name)) flags.push(argument)
  }
  return flags
}
