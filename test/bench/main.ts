import { mkdirSync, writeFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { measureDiagnose } from './diagnose.ts'
import { full, quick } from './effort.ts'
import { measureFleet } from './fleet.ts'
import { measureHotPath } from './hot-path.ts'
import { measureImports } from './imports.ts'
import { measureKeys } from './keys.ts'
import { toMarkdown } from './markdown.ts'
import { measureOperations } from './operations.ts'
import { measurePeers } from './peers.ts'
import { measureProcesses } from './processes.ts'
import { measureRefusals } from './refusals.ts'
import { measureRequests } from './requests.ts'
import { formatRows, type Row } from './row.ts'
import { measureStorm } from './storm.ts'
import { withTokenEndpoint } from './token-endpoint.ts'

// npm run bench -- [--quick] [--json] [--markdown] [--only <start of a row's id>]
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Writes docs/bench.md and its charts. */
    markdown: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
})
if (values.markdown && values.only !== '') {
  process.stderr.write('--markdown writes the whole page: leave out --only.\n')
  process.exit(2)
}
const effort = values.quick ? quick : full
const machine = {
  node: process.version,
  platform: `${platform()} ${arch()}`,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  /** Before the first row: anything above a small number disturbs all of them. */
  load: Number(loadavg()[0]?.toFixed(2)),
}

const { only } = values
const measurements: [ids: string, measure: () => Promise<Row[]> | Row[]][] = [
  ['hot.getAccessToken', () => measureHotPath(effort)],
  ['hot', () => measureRequests(effort, only)],
  ['storm', () => withTokenEndpoint((endpoint) => measureStorm(effort, endpoint))],
  ['processes', () => withTokenEndpoint((endpoint) => measureProcesses(effort, endpoint, only))],
  ['store', () => measureOperations(effort, only)],
  ['keys', () => measureKeys(effort)],
  ['refusals', () => withTokenEndpoint((endpoint) => measureRefusals(effort, endpoint))],
  ['peers', () => withTokenEndpoint((endpoint) => measurePeers(effort, endpoint))],
  ['start', () => measureImports(effort)],
  ['fleet', () => measureFleet(effort)],
  ['diagnose', () => measureDiagnose(effort)],
]
const rows: Row[] = []
const began = performance.now()
for (const [ids, measure] of measurements) {
  if (!ids.startsWith(only) && !only.startsWith(ids)) continue
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${ids}\n`)
  rows.push(...(await measure()))
}

if (values.markdown) {
  const docs = new URL('../../docs/', import.meta.url)
  const { page, charts } = toMarkdown(rows, machine)
  mkdirSync(new URL('bench/', docs), { recursive: true })
  for (const [name, chart] of charts) writeFileSync(new URL(`bench/${name}`, docs), chart)
  writeFileSync(new URL('bench.md', docs), page)
}
if (values.json) process.stdout.write(`${JSON.stringify({ rows, machine })}\n`)
else {
  const { cpu, cores, platform, node, load } = machine
  process.stdout.write(`${formatRows(rows)}\n\n${cpu}, ${cores} cores, ${platform}, Node ${node}, load ${load}\n`)
}
