import { readFileSync } from 'node:fs'

/** The version of a package as this one would import it; undefined where it is not installed. */
export function installedVersion(name: string): string | undefined {
  let at: URL
  try {
    at = new URL(import.meta.resolve(name))
  } catch {
    return undefined
  }
  // Some packages do not export their manifest, so it is looked for around what they do export.
  for (; ; at = new URL('..', at)) {
    const manifest = readManifest(new URL('./package.json', at))
    if (manifest?.name === name) return manifest.version
    if (at.pathname === new URL('..', at).pathname) return undefined
  }
}

function readManifest(file: URL): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
