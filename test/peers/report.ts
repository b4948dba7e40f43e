import type { Table } from './run.ts'

/** One line. */
export function toJson(table: Table): string {
  return JSON.stringify(table)
}

export function toText({ cases, versions }: Table): string {
  const names = Object.keys(cases[0]?.results ?? {})
  const width = Math.max(...cases.map(({ id }) => id.length))
  const columns = names.map((name) => Math.max(name.length, 4))
  const line = (id: string, cells: string[], title: string) =>
    [id.padEnd(width), ...cells.map((cell, n) => cell.padEnd(columns[n] ?? 0)), title].join('  ').trimEnd()
  const rows = cases.map(({ id, title, results }) =>
    line(
      id,
      names.map((name) => results[name] ?? ''),
      title,
    ),
  )
  return `${[line('', names, ''), ...rows, '', versionLine(versions)].join('\n')}\n`
}

function versionLine(versions: Table['versions']): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${list.join(', ')}; Node ${process.versions.node}.`
}
