import { watch } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Command } from 'commander'
import { exitCodes } from '../failure.ts'
import { interruption } from '../interruption.ts'
import { withHome } from '../settings/config-file.ts'
import { missing } from '../settings/missing.ts'
import { resolveSettings } from '../settings/resolve.ts'
import { terminalOf } from '../terminal.ts'
import type { StatusOptions } from './command.ts'
import { type Look, lookAt } from './look.ts'
import { line, paragraph } from './words.ts'

/** Ages grow without any change of the file. */
const redrawEvery = 1000
/** Milliseconds. */
const hintsWithin = 50

/** @returns The exit code. */
export async function showStatus(command: Command, files: readonly string[], options: StatusOptions): Promise<number> {
  const { file, pointer, key } = (await resolveSettings(command)).values
  const paths = files.map((path) => resolve(withHome(path)))
  if (paths.length === 0) {
    if (file === undefined) throw missing('file', ', or files as arguments')
    paths.push(file)
  }
  const only = { ...(pointer === undefined ? {} : { pointer }), ...(key === undefined ? {} : { key }) }
  const look = () => lookAt(paths, only)
  if (options.watch) return watchStatus(paths, look, options)
  const looks = await look()
  process.stdout.write(options.json ? toJson(looks) : drawn(looks))
  return exitCodeOf(looks)
}

async function watchStatus(
  paths: readonly string[],
  look: () => Promise<Look[]>,
  { json }: StatusOptions,
): Promise<number> {
  const { live } = terminalOf(process.stdout)
  const interrupted = interruption()
  const known = new Map<string, string>()
  let height = 0
  const show = (looks: Look[]): void => {
    if (live && !json) {
      const text = `${drawn(looks)}\nCtrl-C ends.\n`
      process.stdout.write(`${height > 0 ? `\x1b[${height}A` : ''}${text.replaceAll('\n', '\x1b[K\n')}\x1b[0J`)
      height = rowsOf(text)
      return
    }
    for (const one of looks) {
      const place = `${one.file} ${one.pointer ?? ''}`
      const now = JSON.stringify(one)
      if (known.get(place) === now) continue
      known.set(place, now)
      process.stdout.write(json ? toJson([one]) : `${line(one, Date.now())}\n`)
    }
  }
  const left = new AbortController()
  process.stdout.once('error', () => left.abort())
  const over = AbortSignal.any([interrupted.signal, left.signal])
  do show(await look())
  while (await change(paths, over))
  interrupted.release()
  return 0
}

/** Resolves when something may have changed; false when it is over. */
function change(paths: readonly string[], over: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
      over.removeEventListener('abort', end)
      resolve(!over.aborted)
    }
    let timer = setTimeout(end, redrawEvery)
    // A write makes several hints, and a busy directory makes them all the time.
    const soon = (): void => {
      clearTimeout(timer)
      timer = setTimeout(end, hintsWithin)
      for (const watcher of watchers) watcher.removeAllListeners('change')
    }
    over.addEventListener('abort', end)
    const watchers = [...new Set(paths.flatMap((path) => [path, dirname(path)]))].flatMap((path) => {
      try {
        return [watch(path, soon).on('error', () => {})]
      } catch {
        // Not there yet: the timer looks for it.
        return []
      }
    })
    if (over.aborted) end()
  })
}

/** Lines that a text takes where long ones are wrapped. */
function rowsOf(text: string): number {
  const { columns } = terminalOf(process.stdout)
  const plain = stripVTControlCharacters(text).split('\n').slice(0, -1)
  return plain.reduce((rows, row) => rows + Math.max(1, Math.ceil(row.length / columns)), 0)
}

function drawn(looks: readonly Look[]): string {
  const terminal = terminalOf(process.stdout)
  return `${looks.map((one) => paragraph(one, Date.now(), terminal)).join('\n\n')}\n`
}

function toJson(looks: readonly Look[]): string {
  return `${JSON.stringify({ credentials: looks })}\n`
}

function exitCodeOf(looks: readonly Look[]): number {
  if (looks.some(({ state }) => state === 'unreadable')) return exitCodes.failed
  const over = ['sign_in_needed', 'signed_out', 'none']
  return looks.some(({ state }) => over.includes(state)) ? exitCodes.signIn : exitCodes.done
}
