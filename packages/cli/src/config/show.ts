import type { Command } from 'commander'
import { names, secretVariable } from '../settings/definitions.ts'
import { checkReach } from '../settings/reach.ts'
import { resolveSettings } from '../settings/resolve.ts'
import { printable } from '../terminal.ts'

/** Settings hold no secrets; of the one in the environment it is said that it is there. @throws CommandError */
export async function showConfig(command: Command, { json }: { json?: true }): Promise<void> {
  const resolved = await resolveSettings(command)
  const rows = names.flatMap((name) => {
    const origin = resolved.origins[name]
    return origin === undefined ? [] : [{ name: String(name), value: resolved.values[name], from: origin.label }]
  })
  if (process.env[secretVariable]) rows.push({ name: 'client secret', value: '(hidden)', from: secretVariable })
  if (json) process.stdout.write(`${JSON.stringify({ settings: rows })}\n`)
  else if (rows.length === 0) process.stdout.write('No settings here. See: tokenflight config --help\n')
  else
    process.stdout.write(rows.map(({ name, value, from }) => `${name} = ${shown(value)}\n    from ${from}\n`).join(''))
  // What would be refused is told here, too.
  await checkReach(resolved, process.env)
}

function shown(value: unknown): string {
  return printable(typeof value === 'string' ? value : JSON.stringify(value))
}
