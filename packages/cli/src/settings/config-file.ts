import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { usageError } from '../failure.ts'
import { names, type Setting, type SettingName, secretVariable, settings, type Values } from './definitions.ts'

const configName = 'tokenflight.json'

/** A file of settings. */
export interface ConfigFile {
  path: string
  values: Values
  /** Nobody has named it: it lies in the working directory or above, and may have come with a checkout. */
  found: boolean
}

/**
 * The files of settings that count, the one that wins first: the one that was named, or else the nearest `tokenflight.json` of the
 * working directory and those above; then the user's own (XDG Base Directory Specification).
 */
export async function configFiles(
  named: string | undefined,
  directory: string,
  env: NodeJS.ProcessEnv,
): Promise<ConfigFile[]> {
  const user = userConfig(env)
  const files: ConfigFile[] = []
  if (named !== undefined) {
    const path = resolve(directory, withHome(named))
    const file = await load(path, false)
    if (file === undefined) throw usageError(`${path} does not exist. Correct --config (or TOKENFLIGHT_CONFIG).`)
    files.push(file)
  } else {
    const file = await nearest(directory, user)
    if (file !== undefined) files.push(file)
  }
  const own = files.some(({ path }) => path === user) ? undefined : await load(user, false)
  return own === undefined ? files : [...files, own]
}

function userConfig(env: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME: xdg, APPDATA: windows } = env
  // The specification: what is not absolute is ignored.
  const base =
    xdg && isAbsolute(xdg) ? xdg : process.platform === 'win32' && windows ? windows : join(homedir(), '.config')
  return join(base, 'tokenflight', configName)
}

async function nearest(directory: string, user: string): Promise<ConfigFile | undefined> {
  for (let at = directory; ; at = dirname(at)) {
    const path = join(at, configName)
    const file = path === user ? undefined : await load(path, true)
    if (file !== undefined || at === dirname(at)) return file
  }
}

async function load(path: string, found: boolean): Promise<ConfigFile | undefined> {
  let text: string
  try {
    if (found) await checkOwner(path)
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === undefined) throw error
    throw usageError(`${path} cannot be read (${String(code)}). Make it readable, or name another file with --config.`)
  }
  return { path, found, values: check(path, parse(path, text)) }
}

/** In a directory that others may write to, such as /tmp, anybody could say where tokens are sent, or let a pipe wait for ever. */
async function checkOwner(path: string): Promise<void> {
  const about = await stat(path)
  if (!about.isFile()) throw usageError(`${path} is no file. Remove it, or name another with --config.`)
  const { uid } = about
  const self = process.getuid?.()
  if (self === undefined || uid === self || uid === 0) return
  throw usageError(`${path} belongs to another user, and is not believed. Remove it, or name it with --config.`)
}

function parse(path: string, text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    // Its message may quote the text, and people write secrets in places where they should not.
    const position = /position (\d+)/.exec(String(error))?.[1]
    const line = position === undefined ? '' : `:${text.slice(0, Number(position)).split('\n').length}`
    throw usageError(`${path}${line} is not JSON. Correct it; \`tokenflight config --help\` lists the settings.`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw usageError(`${path} must hold one JSON object, such as { "file": "~/.acme/credentials.json" }.`)
}

function check(path: string, given: object): Values {
  const values: Values = {}
  for (const [name, value] of Object.entries(given)) {
    if (name === '$schema') continue
    if (name === 'clientSecret')
      throw usageError(
        `${path}: a secret has no place in a file of settings. Remove "clientSecret" and say where it is: "clientSecretFile", "clientSecretCommand", or the variable ${secretVariable}.`,
      )
    const known = names.find((one) => one === name)
    if (known === undefined) throw usageError(`${path}: there is no setting "${name}". There are: ${names.join(', ')}.`)
    const problem = problemOf(settings[known], value)
    if (problem !== undefined) throw usageError(`${path}: "${name}" must be ${problem}.`)
    Object.assign(values, { [known]: settings[known].kind === 'path' ? fromFile(path, String(value)) : value })
  }
  return values
}

function problemOf({ kind, choices }: Setting, value: unknown): string | undefined {
  const isText = (one: unknown): boolean => typeof one === 'string' && one !== ''
  switch (kind) {
    case 'pairs':
      return typeof value === 'object' && value !== null && Object.values(value).every(isText)
        ? undefined
        : 'an object of texts, such as { "domain": "acme.okta.com" }'
    case 'words':
      return Array.isArray(value) && value.length > 0 && value.every(isText)
        ? undefined
        : 'a list of a program and its arguments, such as ["pass", "show", "acme"]'
    default:
      if (!isText(value)) return 'a text that is not empty'
      return choices === undefined || choices.some((choice) => choice === value)
        ? undefined
        : `one of ${choices.join(', ')}`
  }
}

/** A path means the same wherever the command is called. */
function fromFile(config: string, path: string): string {
  return path === '-' ? path : resolve(dirname(config), withHome(path))
}

/** `~` of a path that no shell has expanded. */
export function withHome(path: string): string {
  return /^~(?=$|[/\\])/.test(path) ? join(homedir(), path.slice(1)) : path
}

export function isSettingName(name: string): name is SettingName {
  return names.some((known) => known === name)
}
