import type { Command } from 'commander'
import { addSettings, names, type SettingName, secretVariable, settings } from '../settings/definitions.ts'

/** Adds `config` to the program. */
export function addConfig(program: Command): void {
  const command = program
    .command('config')
    .summary('print the settings that hold here, and where each comes from')
    .description(
      'Prints the settings that token, exec and logout would use if they were called like this, and where each comes from: a flag, ' +
        'a variable, the nearest tokenflight.json of this directory and those above, or $XDG_CONFIG_HOME/tokenflight/tokenflight.json, ' +
        'in this order. A client secret is never printed.',
    )
    .option('--json', 'print one JSON object')
  addSettings(command, names).addHelpText(
    'after',
    `
tokenflight.json:
${names.map(line).join('\n')}

A tokenflight.json that was merely found, and not named with --config, decides about
credentials and secrets in its own directory only: it may have come with a checkout.
The client secret itself stands in none of them: see --client-secret-file and ${secretVariable}.

Example:
  { "file": "~/.acme/credentials.json", "issuer": "https://login.acme.example", "clientId": "acme-cli" }`,
  )
  command.action(async (options: { json?: true }) => {
    const { showConfig } = await import('./show.ts')
    await showConfig(command, options)
  })
}

function line(name: SettingName): string {
  return `  ${name.padEnd(21)} ${settings[name].kind === 'words' ? settings[name].description : notation(name)}`
}

function notation(name: SettingName): string {
  const { flags = '', kind } = settings[name]
  if (kind === 'pairs') return 'an object, such as { "domain": "acme.okta.com" }'
  return `as ${flags.split(' ')[0]}${kind === 'path' ? ', beginning at the directory of the file' : ''}`
}
