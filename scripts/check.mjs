#!/usr/bin/env node
// `npm run check`: everything a release needs apart from the tests. One line per check, its output only when it fails, and a count
// at the end. `npm run check -- types lint` runs the named ones only. Two at a time: most of them keep one core busy, or wait.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'

const packages = readdirSync('packages').map((name) => ({
  dir: join('packages', name),
  ...JSON.parse(readFileSync(join('packages', name, 'package.json'), 'utf8')),
}))
const scratch = mkdtempSync(join(tmpdir(), 'tokenflight-check-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))

class Failed extends Error {}

function run(command, ...args) {
  return runIn('.', command, ...args)
}

function runIn(cwd, command, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let [said, printed] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text
      printed += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => (printed += text))
    child.on('error', (error) => reject(new Failed(`${command}: ${error.message}`)))
    child.on('close', (status) => {
      if (status === 0) resolve(said)
      else reject(new Failed(`${command} ${args.join(' ')}\n${printed}`))
    })
  })
}

/** Every package as it would be published. */
let tarballs
function packed() {
  const pack = async ({ dir, name, exports }) => {
    const tarball = join(scratch, `${name.replace(/[@/]/g, '-')}.tgz`)
    await run('pnpm', '--dir', dir, 'pack', '--out', tarball)
    return { name, exports, tarball }
  }
  tarballs ??= inTurn(packages, pack)
  return tarballs
}

async function inTurn(items, work) {
  const results = []
  for (const item of items) results.push(await work(item))
  return results
}

/** Bundled, minified and gzipped size of what `modules` export of their names, as an application would ship it. */
function gzipped(modules, external = []) {
  // Each under a name of its own: several packages have a withBearer.
  const contents = modules.flatMap(([module, names], at) =>
    names.map((name) => `export { ${name} as ${name}${at} } from '${module}'`),
  )
  const { outputFiles } = buildSync({
    stdin: { contents: contents.join('\n'), resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    write: false,
    external,
  })
  return gzipSync(outputFiles[0].contents).length
}

// What takes longest begins first, with what it waits for: the rest fits beside it.
const checks = {
  build: () => run('pnpm', 'run', 'build:run'),
  types: () => run('tsc', '-b'),
  spa: () => run('pnpm', 'run', 'spa:run', '--test'),
  lint: () => run('biome', 'ci', '--colors=off', '.'),
  promises: () =>
    run(
      'oxlint',
      '--type-aware',
      '-A',
      'all',
      '-D',
      'typescript/no-floating-promises',
      '-D',
      'typescript/no-misused-promises',
      'packages',
    ),
  architecture: () => run('depcruise', '--config', '.dependency-cruiser.cjs', 'packages', 'test'),
  unused: () => run('knip'),
  async api() {
    await run('tsc', '-b')
    await run('node', 'scripts/api.mjs')
  },
  async loads() {
    for (const { dir, name } of packages) {
      // From inside the package, which knows itself by its name.
      const names = async (code, type) => (await runIn(dir, 'node', `--input-type=${type}`, '-e', code)).trim()
      const esm = await names(`console.log(Object.keys(await import('${name}')).sort().join())`, 'module')
      const cjs = await names(`console.log(Object.keys(require('${name}')).sort().join())`, 'commonjs')
      if (esm !== cjs || esm === '') throw new Failed(`${name} exports differ\nESM: ${esm}\nCommonJS: ${cjs}`)
    }
  },
  async tarballs() {
    for (const { exports, tarball } of await packed()) {
      await run('publint', 'run', tarball, '--strict')
      await run('attw', tarball, '--profile', exports['.'].require ? 'node16' : 'esm-only')
    }
  },
  licences: () => run('node', 'scripts/sbom.mjs', join(scratch, 'sbom')),
  async install() {
    writeFileSync(join(scratch, 'packed.json'), JSON.stringify(await packed()))
    return run('node', '--conditions=@tokenflight/source', 'test/dist/main.ts', scratch)
  },
  sizes() {
    const budgets = JSON.parse(readFileSync('scripts/sizes.json', 'utf8'))
    const lines = Object.entries(budgets).map(([title, { onTopOf, imports, gzip, external }]) => {
      // What an application pays that has the rest already; nothing, where it does not import it.
      const below = onTopOf === undefined ? [] : Object.entries(budgets[onTopOf].imports)
      const whole = gzipped([...below, ...Object.entries(imports)], external)
      const size = whole - (below.length > 0 ? gzipped(below) : 0)
      return { over: size > gzip, line: `    ${title}: ${size} of ${gzip} bytes` }
    })
    const report = lines.map(({ line }) => line).join('\n')
    if (lines.some(({ over }) => over)) throw new Failed(report)
    return report
  },
  async examples() {
    for (const file of readdirSync('examples').filter((name) => name.endsWith('.ts'))) {
      await run('node', '--conditions=@tokenflight/source', '--unhandled-rejections=strict', join('examples', file))
    }
  },
  models: () => run('pnpm', 'run', 'models:run'),
  // Two hundred rounds without a pause, three minutes' worth: leaks grow with the work that is done, not with the time that it takes.
  soak: () => run('pnpm', 'run', 'soak:run', '--minutes', '0', '--rounds', '200', '--every', '0'),
  runtimes: () => run('pnpm', 'run', 'runtimes:run'),
  docs: () => run('pnpm', 'run', 'docs:run'),
  release: () => run('changeset', 'status'),
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in checks))
if (unknown.length > 0) {
  console.error(`No check is called ${unknown.join(', ')}. There are: ${Object.keys(checks).join(', ')}.`)
  process.exit(2)
}

/** What each writes that others read. */
const after = {
  api: ['types'],
  docs: ['types'],
  loads: ['build'],
  tarballs: ['build'],
  install: ['build'],
  sizes: ['build'],
  runtimes: ['build'],
  spa: ['build'],
}

let failed = 0
async function check(name) {
  const began = performance.now()
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`
  try {
    const said = await checks[name]()
    console.log(`ok      ${name} (${seconds()})`)
    if (name === 'sizes' || /^skipped/m.test(said ?? '')) console.log(said)
  } catch (error) {
    failed++
    console.log(`FAILED  ${name} (${seconds()})\n${error instanceof Failed ? error.message : error.stack}`)
  }
}

const chosen = wanted.length > 0 ? [...new Set(wanted)] : Object.keys(checks)
const waiting = [...chosen]
const ended = new Set()
const running = new Set()
const isReady = (name) => !(after[name] ?? []).some((first) => chosen.includes(first) && !ended.has(first))
while (waiting.length + running.size > 0) {
  const ready = running.size < 2 ? waiting.find(isReady) : undefined
  if (ready === undefined) await Promise.race(running)
  else {
    waiting.splice(waiting.indexOf(ready), 1)
    const work = check(ready).then(() => {
      ended.add(ready)
      running.delete(work)
    })
    running.add(work)
  }
}
console.log(`\n${chosen.length - failed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
