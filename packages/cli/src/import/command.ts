import type { Command } from 'commander'
import { pairs } from '../arguments.ts'
import { addSettings } from '../settings/definitions.ts'

export interface ImportOptions {
  to?: string
  name?: Record<string, string>
  dryRun?: true
  force?: true
}

/** Adds `import` to the program. */
export function addImport(program: Command): void {
  const command = program
    .command('import')
    .summary('take over a credential that another program has written')
    .description(
      'Takes over the tokens that another program has written, so that shells and programs can share them: in place, or into another ' +
        'file with --to. It finds them at any depth, under the names of RFC 6749 or usual spellings (accessToken, refresh-token, ' +
        'expiresAt, scopes, ...), and says what it found. What else is in the file stays, and so does its mode.',
    )
    .argument('<source>', 'a JSON file, or - for a token response on stdin')
    .option(
      '--to <path>',
      'the file to keep them in; default: the source itself, and for stdin the file of the settings',
    )
    .option('--name <ours=theirs>', 'another name that the source has, such as access_token=jwt', pairs)
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--force', 'replace the credential that --to holds')
  addSettings(command, ['file', 'pointer', 'key']).addHelpText(
    'after',
    `
Names in place of which others are understood: access_token, refresh_token, token_type, scope, id_token,
expires_at (seconds, milliseconds or ISO 8601), expires_in and obtained_at.

Examples:
  tokenflight import ~/.acme/auth.json --dry-run
  tokenflight import ~/.acme/auth.json --pointer /profiles/work
  acme-login --print-json | tokenflight import - --to ~/.acme/credentials.json`,
  )
  command.action(async (source: string, options: ImportOptions) => {
    const { importCredential } = await import('./import-credential.ts')
    await importCredential(command, source, options)
  })
}
