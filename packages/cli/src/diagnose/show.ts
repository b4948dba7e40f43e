import { realpath, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Output, terminalOf } from '../terminal.ts'
import { diagnose } from './diagnose.ts'
import type { ReadCount } from './entries.ts'
import { toJson } from './json.ts'
import { renderDiagnosis } from './page.ts'
import { sayBytes } from './sentences.ts'
import { nameOf, UnreadableError } from './source.ts'
import { tell } from './text.ts'

export interface ShowOptions {
  html?: string
  json?: boolean
  utcOffset?: number
}

/** @returns The exit code: 0 nothing found, 1 something found, 2 a log cannot be read or the report not be written. */
export async function showDiagnosis(
  files: readonly string[],
  { html, json = false, utcOffset = 0 }: ShowOptions,
): Promise<number> {
  const progress = createReadingProgress(process.stderr)
  try {
    const logs = await once(files)
    if (html !== undefined && logs.has(await placeOf(html)))
      throw new UnreadableError(
        `--html: ${nameOf(html)} is one of the logs, and would be written over. Name another file.`,
      )
    const diagnosis = await diagnose({ files: [...logs.values()], utcOffset, onProgress: progress.show })
    progress.clear()
    if (html !== undefined) await writeFile(html, renderDiagnosis(diagnosis)).catch(notWritten(html))
    const people: Output = json ? process.stderr : process.stdout
    people.write(tell(diagnosis, terminalOf(people)))
    if (html !== undefined) people.write(`\nThe report is in ${nameOf(html)}\n`)
    if (json) process.stdout.write(`${JSON.stringify(toJson(diagnosis))}\n`)
    return diagnosis.findings.length > 0 ? 1 : 0
  } catch (error) {
    progress.clear()
    const known = error instanceof UnreadableError || (error instanceof Error && 'code' in error)
    if (!known) throw error
    process.stderr.write(`error: ${error.message}\n`)
    return 2
  }
}

/** The same log twice would make two events of each, and a race of one refusal; by where they are, as they were named first. */
async function once(files: readonly string[]): Promise<Map<string, string>> {
  const logs = new Map<string, string>()
  for (const file of files) {
    const place = file === '-' ? file : await placeOf(file)
    if (!logs.has(place)) logs.set(place, file)
  }
  return logs
}

function placeOf(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path))
}

function notWritten(path: string): (error: NodeJS.ErrnoException) => never {
  return ({ code, message }) => {
    const reasons: Record<string, string> = {
      EISDIR: 'it is a directory',
      ENOENT: 'there is no such directory',
      EACCES: 'this user may not write there',
      ENOSPC: 'the disk is full',
    }
    throw new UnreadableError(`--html: ${nameOf(path)} cannot be written: ${reasons[code ?? ''] ?? message}`)
  }
}

/** One line that is rewritten, on a terminal, from the second second on. */
function createReadingProgress(output: Output): { show(count: Readonly<ReadCount>): void; clear(): void } {
  const { live, paint } = terminalOf(output)
  const began = performance.now()
  let drawn = began + 800
  let visible = false
  return {
    show({ bytes, lines }) {
      const now = performance.now()
      if (!live || now - drawn < 200) return
      drawn = now
      visible = true
      const rate = sayBytes(bytes / ((now - began) / 1000))
      output.write(
        `\r\x1b[2K${paint('dim', `read ${sayBytes(bytes)}, ${lines.toLocaleString('en')} lines, ${rate}/s`)}`,
      )
    },
    clear() {
      if (visible) output.write('\r\x1b[2K')
      visible = false
    },
  }
}
