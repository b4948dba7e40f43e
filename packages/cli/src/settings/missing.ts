import { usageError } from '../failure.ts'
import { type SettingName, settings } from './definitions.ts'

/** Says every way to give a setting that is needed. */
export function missing(name: SettingName, alternatives = ''): Error {
  const { flags = '', env = '', description } = settings[name]
  return usageError(
    `The setting "${name}" is missing (${description}). Give ${flags.split(' ')[0]}${alternatives}, set ${env}, or write it into tokenflight.json.`,
  )
}
