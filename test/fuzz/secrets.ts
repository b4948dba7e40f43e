import { inspect } from 'node:util'

/** All that an error shows to whoever logs it, its causes too. */
function shown(error: unknown): string {
  return `${String(error)}\n${inspect(error, { depth: 10, showHidden: true })}\n${JSON.stringify(error)}`
}

/** @throws Where one of the secrets can be read in the error. */
export function expectNoSecret(error: unknown, secrets: readonly (string | undefined)[]): void {
  const text = shown(error)
  for (const secret of secrets)
    if (secret !== undefined && secret !== '' && text.includes(secret)) throw new Error(`a secret is in: ${text}`)
}
