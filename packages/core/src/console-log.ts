import { type EventLevel, levelOf } from './event-level.ts'
import type { TokenEvent } from './events.ts'

/**
 * For `onEvent`: each event becomes one line of text, `<ISO time> tokenflight <type> key=<key> name=value ...`, in the form that is
 * known as logfmt. `tokenflight diagnose` reads it.
 *
 * @param target Has `info`, `warn` and `error`. Default: the global console; in Node its `info` goes to the standard output.
 */
export function consoleLog(target: Record<EventLevel, (line: string) => void> = console): (event: TokenEvent) => void {
  return (event) => {
    const { at, type, key, ...facts } = event
    target[levelOf(event)](`${new Date(at).toISOString()} tokenflight ${type} key=${written(key)}${pairs('', facts)}`)
  }
}

function pairs(prefix: string, facts: object): string {
  return Object.entries(facts)
    .filter(([, fact]) => fact !== undefined)
    .map(([name, fact]) =>
      typeof fact === 'object' && fact !== null && !Array.isArray(fact)
        ? pairs(`${prefix}${name}.`, fact)
        : ` ${prefix}${name}=${written(fact)}`,
    )
    .join('')
}

/** Quoted where it could not be told from what comes after it: nobody writes a line, or a field, into the log through a key. */
function written(fact: unknown): string {
  const text = String(fact)
  if (/^[^\s"=\\\p{C}]+$/u.test(text)) return text
  return JSON.stringify(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped)
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, n) => `\\u${character.charCodeAt(n).toString(16).padStart(4, '0')}`,
  ).join('')
}
