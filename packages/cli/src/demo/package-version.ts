import { createRequire } from 'node:module'

/** The installed version of a package that this one depends on. */
export function packageVersion(name: string): string {
  const manifest = createRequire(import.meta.url)(`${name}/package.json`) as { version: string }
  return manifest.version
}
