import { usageError } from '../failure.ts'
import { interruption } from '../interruption.ts'
import { type Output, terminalOf } from '../terminal.ts'
import { installedClients } from './clients/installed.ts'
import { type DemoOptions, runDemo } from './demo.ts'
import { createProgress } from './progress.ts'
import { checkRecord, renderRecord, writeRecord } from './record.ts'
import { isPerfect } from './result.ts'
import { introduce, tellStory } from './story.ts'

/**
 * Runs the demo in front of a person or, with `json`, a program.
 *
 * @returns The exit code: 0 only if tokenflight kept what it promises. How the usual way fares does not matter.
 */
export async function showDemo(
  options: DemoOptions,
  callerScript: URL,
  { json, record }: { json: boolean; record?: string | undefined },
): Promise<number> {
  if (options.threads > options.callers)
    throw usageError(
      `--threads: ${options.threads} threads cannot share ${options.callers} callers. Give fewer, or more --callers.`,
    )
  if (record !== undefined) await checkRecord(record)
  const people: Output = json ? process.stderr : process.stdout
  const progress = createProgress(process.stderr, terminalOf(process.stderr))
  const interrupted = interruption()
  try {
    const { names: clients, missing } = installedClients()
    const result = await runDemo({
      ...options,
      callerScript,
      clients,
      signal: interrupted.signal,
      onServer: (server) => progress.say(introduce(server, options, clients, missing)),
      onProgress: (side) => progress.show(side),
    })
    progress.clear()
    people.write(tellStory(result, terminalOf(people)))
    if (record !== undefined) {
      await writeRecord(record, renderRecord(result))
      process.stderr.write(`Written: ${record}\n`)
    }
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`)
    return isPerfect(result.with, options.expiries) ? 0 : 1
  } catch (error) {
    progress.clear()
    if (interrupted.signal.aborted) return interrupted.exitCode()
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  } finally {
    interrupted.release()
  }
}
