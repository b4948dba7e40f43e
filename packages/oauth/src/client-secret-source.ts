import { notSent } from './grant-errors.ts'
import { invalidOption } from './invalid-option.ts'

/** One secret or key, or several while they rotate; or where they are to be read. */
export type Rotating<T> = T | readonly T[] | (() => T | readonly T[] | Promise<T | readonly T[]>)

/** What the client may prove itself with, newest first. */
export interface SecretSource<T> {
  /** Asked before every request. @throws GrantError `not_sent` */
  read(): Promise<readonly T[]>
  /** Whether asking again may bring something else. */
  readonly changes: boolean
}

/** So many can be live at any server that is known to rotate them, and so many refusals in a row look like a client, not like an attack. */
export const mostSecrets = 4

/**
 * Checks now what can be checked now.
 *
 * @param check Returns what it was given, or throws a TokenError that names the option.
 */
export function secretSource<T>(
  option: 'clientSecret' | 'privateKey',
  given: Rotating<T> | undefined,
  check: (value: unknown) => T,
): SecretSource<T> {
  if (!isFunction<T>(given)) {
    const list = listOf(given).map(check)
    if (list.length === 0 || list.length > mostSecrets)
      throw invalidOption(option, `must be one, or a list of 1 to ${mostSecrets}, newest first`)
    return { changes: false, read: async () => list }
  }
  return {
    changes: true,
    async read() {
      let answer: unknown
      try {
        answer = await given()
      } catch {
        // What it threw is not passed on: it is about a secret.
        throw notSent(`the ${option} function failed`)
      }
      const list = listOf(answer)
      if (list.length > 0) {
        try {
          return list.map(check)
        } catch {
          // Told below, in words that fit a function.
        }
      }
      throw notSent(`the ${option} function returned ${expected[option]}`)
    },
  }
}

const expected = {
  clientSecret: 'no secret (a string that is not empty, or a list of them)',
  privateKey: "no key (a private CryptoKey with the usage 'sign', { key, kid? }, or a list of them)",
}

function isFunction<T>(given: Rotating<T> | undefined): given is Extract<Rotating<T>, () => unknown> {
  return typeof given === 'function'
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}
