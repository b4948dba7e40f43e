import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type ConfigFile, configFiles, withHome } from './config-file.ts'
import { names, type SettingName, settings, type Values } from './definitions.ts'

/** Where a value comes from: as people call it, and the file of settings, if it is one that nobody has named. */
interface Origin {
  label: string
  found?: string
}

/** What holds for this call, and why. */
export interface Settings {
  values: Values
  origins: Partial<Record<SettingName, Origin>>
}

/** Flags win over variables, those over the nearest file of settings, that over the user's own. */
export async function resolveSettings(command: Command): Promise<Settings> {
  const given: Values & { config?: string } = command.opts()
  const files = await configFiles(given.config || undefined, process.cwd(), process.env)
  const all = new Map<SettingName, Said>()
  for (const name of names) {
    const said = fromCommand(command, given, name) ?? fromFiles(files, name)
    if (said !== undefined) all.set(name, said)
  }
  for (const [one, other] of alternatives) {
    const [first, second] = [all.get(one), all.get(other)]
    if (first !== undefined && second !== undefined && first.rank !== second.rank)
      all.delete(first.rank < second.rank ? other : one)
  }
  const resolved: Settings = { values: {}, origins: {} }
  for (const [name, { value, origin }] of all) {
    Object.assign(resolved.values, { [name]: value })
    resolved.origins[name] = origin
  }
  return resolved
}

/** Where both are said, the nearer one hides the other. */
const alternatives: readonly (readonly [SettingName, SettingName])[] = [
  ['issuer', 'tokenEndpoint'],
  ['clientSecretFile', 'clientSecretCommand'],
]

interface Said {
  value: unknown
  origin: Origin
  /** The smaller, the nearer. */
  rank: number
}

function fromCommand(command: Command, given: Values, name: SettingName): Said | undefined {
  const { kind, flags = '', env = '' } = settings[name]
  const value = given[name]
  // An empty variable is as good as none.
  if (value === undefined || (value === '' && command.getOptionValueSource(name) === 'env')) return undefined
  const isVariable = command.getOptionValueSource(name) === 'env'
  const label = isVariable ? env : (flags.split(' ')[0] ?? '')
  const isPath = kind === 'path' && typeof value === 'string' && value !== '-'
  return { value: isPath ? resolve(withHome(value)) : value, origin: { label }, rank: isVariable ? 1 : 0 }
}

function fromFiles(files: readonly ConfigFile[], name: SettingName): Said | undefined {
  for (const [index, { path, found, values }] of files.entries())
    if (values[name] !== undefined)
      return { value: values[name], origin: { label: path, ...(found ? { found: path } : {}) }, rank: 2 + index }
  return undefined
}
