#!/usr/bin/env node
// `npm run sbom`: what each published package brings along, as CycloneDX in sbom/ (or the directory that is given), and whether
// everybody may use it: a licence that is not on the list fails.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [, , directory = 'sbom'] = process.argv
const allowed = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Unlicense']

mkdirSync(directory, { recursive: true })
const options = [
  '--sbom-format',
  'cyclonedx',
  '--prod',
  '--exclude-peers',
  '--split',
  '--out',
  join(directory, '%s.cdx.json'),
]
const { status, stderr, stdout } = spawnSync('pnpm', ['--filter', './packages/*', 'sbom', ...options], {
  encoding: 'utf8',
})
if (status !== 0) throw new Error(`pnpm sbom failed\n${stdout}${stderr}`)

const wrong = []
const components = new Set()
const written = readdirSync(directory).map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')))
for (const dir of readdirSync('packages')) {
  const { name, dependencies = {} } = JSON.parse(readFileSync(join('packages', dir, 'package.json'), 'utf8'))
  const bom = written.find(({ metadata }) => nameOf(metadata.component) === name)
  if (bom === undefined) wrong.push(`${name} has no bill of materials`)
  const listed = (bom?.components ?? []).map(nameOf)
  for (const dependency of Object.keys(dependencies))
    if (!listed.includes(dependency)) wrong.push(`${dependency} is missing from that of ${name}`)
  for (const component of bom?.components ?? []) {
    const licences = (component.licenses ?? []).map(
      ({ license, expression }) => license?.id ?? license?.name ?? expression,
    )
    if (licences.length === 0 || licences.some((licence) => !allowed.includes(licence)))
      wrong.push(
        `${nameOf(component)}, which ${name} brings, has the licence ${licences.join() || 'of nobody knows what'}`,
      )
    components.add(component.purl)
  }
}
if (wrong.length > 0) {
  console.error(wrong.join('\n'))
  process.exit(1)
}
console.log(`${written.length} bills of materials in ${directory}, ${components.size} components`)

function nameOf({ purl }) {
  return /^pkg:npm\/(.+)@[^@]+$/.exec(decodeURIComponent(purl))?.[1]
}
