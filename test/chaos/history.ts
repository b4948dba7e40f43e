import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Entry, EntryBody } from './entries.ts'

export interface History {
  write(entry: EntryBody): void
  close(): void
}

/** Milliseconds of the clock that all processes of the host share. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}

/** Names a token without telling it. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('base64url').slice(0, 12)
}

/** One system call an entry: entries of different processes do not mix, and none is lost when its process is killed. */
export function openHistory(path: string): History {
  const file = openSync(path, 'a', 0o600)
  return {
    write: (entry) => void writeSync(file, `${JSON.stringify({ at: now(), ...entry })}\n`),
    close: () => closeSync(file),
  }
}

export function readHistory(path: string): Entry[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  const entries = lines.flatMap((line): Entry[] => (line === '' ? [] : [JSON.parse(line)]))
  return entries.sort((one, other) => one.at - other.at)
}
