import { installedVersion } from '../installed-version.ts'
import { type ClientName, clientNames } from './client.ts'

/** Versions whose hooks the usual way is written for, and the adapters take. */
const known: Record<Exclude<ClientName, 'fetch'>, { version: RegExp; range: string }> = {
  axios: { version: /^1\.(7|8|9|\d\d+)\./, range: '1' },
  got: { version: /^1[56]\./, range: '16' },
  ky: { version: /^2\./, range: '2' },
}

export interface InstalledClients {
  names: ClientName[]
  /** What npm would have to install for the others. */
  missing: string[]
}

/** fetch, and the clients that are installed together with their adapters. */
export function installedClients(): InstalledClients {
  const names: ClientName[] = []
  const missing: string[] = []
  for (const name of clientNames) {
    if (name === 'fetch') {
      names.push(name)
      continue
    }
    const { version, range } = known[name]
    const adapter = `@tokenflight/${name}`
    const packages = [
      ...(version.test(installedVersion(name) ?? '') ? [] : [`${name}@${range}`]),
      ...(installedVersion(adapter) === undefined ? [adapter] : []),
    ]
    if (packages.length === 0) names.push(name)
    missing.push(...packages)
  }
  return { names, missing }
}
