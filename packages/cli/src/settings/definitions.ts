import { type Command, Option } from 'commander'
import { pairs } from '../arguments.ts'

/** All that a `tokenflight.json` may say. The names are those of the library's options. */
export interface Values {
  file?: string
  pointer?: string
  key?: string
  issuer?: string
  algorithm?: string
  tokenEndpoint?: string
  provider?: string
  providerOptions?: Record<string, string>
  clientId?: string
  clientAuthentication?: string
  clientSecretFile?: string
  clientSecretCommand?: string[]
  scope?: string
  resource?: string
  revocationEndpoint?: string
}

export type SettingName = keyof Values

export interface Setting {
  kind: 'text' | 'path' | 'pairs' | 'words'
  description: string
  /** Absent: only a file may say it. */
  flags?: string
  env?: string
  choices?: readonly string[]
}

/** The secret itself has no flag, because any user of the machine can read a command line, and no place in a file of settings. */
export const secretVariable = 'TOKENFLIGHT_CLIENT_SECRET'
/** Which file of settings, in place of the one that is found. */
const configVariable = 'TOKENFLIGHT_CONFIG'

export const settings: Readonly<Record<SettingName, Setting>> = {
  file: {
    kind: 'path',
    flags: '--file <path>',
    env: 'TOKENFLIGHT_FILE',
    description: 'the credential file',
  },
  pointer: {
    kind: 'text',
    flags: '--pointer <pointer>',
    env: 'TOKENFLIGHT_POINTER',
    description: 'where in it the tokens are, a JSON pointer such as /profiles/work; default: the whole file',
  },
  key: {
    kind: 'text',
    flags: '--key <key>',
    env: 'TOKENFLIGHT_KEY',
    description: 'the name that programs which share the file give the credential; default: "default"',
  },
  issuer: {
    kind: 'text',
    flags: '--issuer <url>',
    env: 'TOKENFLIGHT_ISSUER',
    description: 'the authorization server, found by its metadata',
  },
  algorithm: {
    kind: 'text',
    flags: '--algorithm <name>',
    env: 'TOKENFLIGHT_ALGORITHM',
    description: 'where the metadata is: OpenID Connect Discovery (oidc, the default) or RFC 8414 (oauth2)',
    choices: ['oidc', 'oauth2'],
  },
  tokenEndpoint: {
    kind: 'text',
    flags: '--token-endpoint <url>',
    env: 'TOKENFLIGHT_TOKEN_ENDPOINT',
    description: 'its token endpoint, without metadata',
  },
  provider: {
    kind: 'text',
    flags: '--provider <name>',
    env: 'TOKENFLIGHT_PROVIDER',
    description: 'a provider whose endpoint and habits are known, such as okta or github',
  },
  providerOptions: {
    kind: 'pairs',
    flags: '--provider-options <name=value>',
    env: 'TOKENFLIGHT_PROVIDER_OPTIONS',
    description: 'what the endpoint of that provider leaves open, such as domain=acme.okta.com',
  },
  clientId: {
    kind: 'text',
    flags: '--client-id <id>',
    env: 'TOKENFLIGHT_CLIENT_ID',
    description: 'the client that the refresh token was issued to',
  },
  clientAuthentication: {
    kind: 'text',
    flags: '--client-authentication <method>',
    env: 'TOKENFLIGHT_CLIENT_AUTHENTICATION',
    description: 'how that client proves itself; default: client_secret_basic with a secret, else none',
    choices: ['client_secret_basic', 'client_secret_post', 'none'],
  },
  clientSecretFile: {
    kind: 'path',
    flags: '--client-secret-file <path>',
    env: 'TOKENFLIGHT_CLIENT_SECRET_FILE',
    description: `a file with its secret, mode 0600, or - for stdin; or put the secret into ${secretVariable}`,
  },
  clientSecretCommand: {
    kind: 'words',
    description: 'a program, and its arguments, that prints the secret: ["pass", "show", "acme"]',
  },
  scope: {
    kind: 'text',
    flags: '--scope <scope>',
    env: 'TOKENFLIGHT_SCOPE',
    description: 'a token of its own for these scopes only, separated by spaces',
  },
  resource: {
    kind: 'text',
    flags: '--resource <uri>',
    env: 'TOKENFLIGHT_RESOURCE',
    description: 'a token of its own for this resource server (RFC 8707)',
  },
  revocationEndpoint: {
    kind: 'text',
    flags: '--revocation-endpoint <url>',
    env: 'TOKENFLIGHT_REVOCATION_ENDPOINT',
    description: 'where tokens are revoked; default: what the metadata of the issuer says',
  },
}

/** Which credential. */
const place: readonly SettingName[] = ['file', 'pointer', 'key']
/** Where its refresh token goes. */
export const server: readonly SettingName[] = [
  'issuer',
  'algorithm',
  'tokenEndpoint',
  'provider',
  'providerOptions',
  'revocationEndpoint',
]
/** Whose it is. */
const client: readonly SettingName[] = ['clientId', 'clientAuthentication', 'clientSecretFile', 'clientSecretCommand']
/** What for. */
const audience: readonly SettingName[] = ['scope', 'resource']

export const names: readonly SettingName[] = [...place, ...server, ...client, ...audience]

/** Adds the flags of some settings, and `--config`. Their variables are read by commander, too. */
export function addSettings(command: Command, wanted: readonly SettingName[]): Command {
  for (const name of wanted) {
    const { flags, env, description, kind, choices } = settings[name]
    if (flags === undefined) continue
    const option = new Option(flags, description).helpGroup('Settings:')
    if (env !== undefined) option.env(env)
    if (choices !== undefined) option.choices(choices)
    if (kind === 'pairs') option.argParser(pairs)
    command.addOption(option)
  }
  return command.addOption(
    new Option('--config <path>', 'a file of settings, in place of the tokenflight.json that is found')
      .env(configVariable)
      .helpGroup('Settings:'),
  )
}
