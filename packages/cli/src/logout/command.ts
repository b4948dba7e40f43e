import type { Command } from 'commander'
import { addSettings, names } from '../settings/definitions.ts'

/** Adds `logout` to the program. */
export function addLogout(program: Command): void {
  const command = program
    .command('logout')
    .summary('sign out: remove the tokens here, and revoke them at the server')
    .description(
      'Removes the tokens from the credential file, so that no program uses them from this moment on, and then revokes them at the ' +
        'authorization server (RFC 7009). Where the server does not confirm that, the exit code is 1, and they are removed all the same.',
    )
    .option('--local', 'only here: the tokens stay good until they expire')
  addSettings(
    command,
    names.filter((name) => name !== 'scope' && name !== 'resource'),
  ).addHelpText(
    'after',
    `
Examples:
  tokenflight logout
  tokenflight logout --revocation-endpoint https://login.acme.example/revoke`,
  )
  command.action(async (options: { local?: true }) => {
    const { logOut } = await import('./log-out.ts')
    await logOut(command, options)
  })
}
