import { readFile } from 'node:fs/promises'
import { longEnough, type PeerCase } from './case.ts'
import { type Library, lacking } from './library.ts'
import { createWorld } from './world.ts'

export type Result = 'pass' | 'fail' | 'n/a'

export interface Row {
  id: string
  title: string
  meaning: string
  results: Record<string, Result>
  /** Why, by library, where it did not pass. */
  reasons: Record<string, string>
}

export interface Table {
  cases: Row[]
  versions: Record<string, string>
}

/** @param limit Milliseconds; who hangs longer has failed. */
export async function runCase(
  peerCase: PeerCase,
  library: Library,
  limit = 8000,
): Promise<{ result: Result; reason?: string }> {
  const missing = peerCase.needs.find((feature) => !library.features.includes(feature))
  if (missing !== undefined) return { result: 'n/a', reason: lacking[missing] }
  const world = createWorld(library)
  const late = longEnough(limit).then(() => {
    throw new Error(`nothing came of it in ${limit / 1000} s`)
  })
  try {
    await Promise.race([peerCase.run(world), late])
    return { result: 'pass' }
  } catch (error) {
    return { result: 'fail', reason: error instanceof Error ? error.message : String(error) }
  } finally {
    late.catch(() => {})
    // A client that hangs may hang here too.
    await Promise.race([world.close(), longEnough(2000)])
  }
}

/** One after the other, so that none of them waits for another's processor time. */
export async function runTable(
  cases: readonly PeerCase[],
  libraries: readonly Library[],
  onRow: (row: Row) => void = () => {},
): Promise<Table> {
  const rows: Row[] = []
  for (const peerCase of cases) {
    const row: Row = {
      id: peerCase.id,
      title: peerCase.title,
      meaning: peerCase.meaning,
      results: {},
      reasons: {},
    }
    for (const library of libraries) {
      const { result, reason } = await runCase(peerCase, library)
      row.results[library.name] = result
      if (reason !== undefined) row.reasons[library.name] = reason
    }
    rows.push(row)
    onRow(row)
  }
  return { cases: rows, versions: await readVersions(libraries) }
}

async function readVersions(libraries: readonly Library[]): Promise<Record<string, string>> {
  const versions: Record<string, string> = {}
  for (const name of new Set(libraries.flatMap(({ packages }) => packages))) {
    const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
    versions[name] = JSON.parse(await readFile(file, 'utf8')).version
  }
  return versions
}
