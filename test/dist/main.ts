import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { commonJs, languages, typeScript } from './languages.ts'

// The packed tarballs in empty directories, as a stranger would have them: installed with npm and with pnpm, each client's first lines
// run from ESM, CommonJS and TypeScript against servers on this machine, and everything compiled under the usual `moduleResolution`s.
//
// `node test/dist/main.ts <directory>`: there lie the tarballs, and there it works.

const [, , scratch = ''] = process.argv
const root = fileURLToPath(new URL('../..', import.meta.url))
const programs = new URL('./programs/', import.meta.url)
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

interface Packed {
  name: string
  tarball: string
  exports: Record<string, unknown>
}
const packed: Packed[] = JSON.parse(readFileSync(join(scratch, 'packed.json'), 'utf8'))
/** What strangers install beside them, in the versions that are tested here. */
const beside = ['axios', 'got', 'ky', '@opentelemetry/api', '@types/node', 'msw']

function run(cwd: string, command: string, args: string[], env = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(printed.trim())
      else reject(new Error(`${command} ${args.join(' ')} in ${basename(cwd)} ended with ${code}\n${printed}`))
    })
  })
}

/** An empty directory, and the tarballs installed into it. */
async function install(manager: 'npm' | 'pnpm'): Promise<string> {
  const directory = join(scratch, manager)
  mkdirSync(directory)
  const tarballs = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]))
  const others = Object.fromEntries(beside.map((name) => [name, devDependencies[name]]))
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ private: true, dependencies: { ...tarballs, ...others } }),
  )
  // What our packages need of each other is not in any registry yet.
  const overrides = Object.entries(tarballs).map(([name, file]) => `  '${name}': '${file}'\n`)
  writeFileSync(
    join(directory, 'pnpm-workspace.yaml'),
    `overrides:\n${overrides.join('')}allowBuilds:\n  msw: false\n`,
  )
  const quiet = ['install', '--prefer-offline', '--ignore-scripts']
  await run(directory, manager, manager === 'npm' ? [...quiet, '--no-audit', '--no-fund'] : quiet)
  return directory
}

/** How packages are laid out differs between the two; what a language makes of one layout does not differ in the other. */
const wanted = {
  npm: { languages, typeScript },
  pnpm: { languages: languages.slice(0, 1), typeScript: typeScript.slice(1, 2) },
}

async function check(manager: 'npm' | 'pnpm'): Promise<string> {
  const directory = await install(manager)
  const { languages, typeScript } = wanted[manager]
  const authorizationServer = await startAuthorizationServer()
  const api = await startResourceServer({ authorizationServer })
  let passed = 0
  for (const file of readdirSync(programs)) {
    const source = readFileSync(new URL(file, programs), 'utf8')
    writeFileSync(join(directory, file.replace(/\.ts$/, commonJs.suffix)), source)
    for (const { suffix, write } of languages) {
      const program = file.replace(/\.ts$/, suffix)
      writeFileSync(join(directory, program), write(source))
      const signIn = await authorizationServer.signIn({ expired: true })
      const { tokenRequests } = authorizationServer
      const scene = { tokenEndpoint: authorizationServer.tokenEndpoint, apiUrl: api.url, signIn }
      const said = await run(directory, process.execPath, [program], { TEST_SCENE: JSON.stringify(scene) })
      if (said !== '200,200,200' || authorizationServer.tokenRequests !== tokenRequests + 1)
        throw new Error(`${manager}, ${program}: ${said}, ${authorizationServer.tokenRequests - tokenRequests} token requests`)
      passed++
    }
  }
  await Promise.all([api.close(), authorizationServer.close()])
  // Every entry of every package, and its types.
  const entries = packed.flatMap(({ name, exports }) =>
    Object.keys(exports)
      .filter((entry) => !entry.endsWith('.json'))
      .map((entry) => name + entry.slice(1)),
  )
  const used = entries.map((entry, n) => `import * as entry${n} from '${entry}'\n`).join('')
  const everything = `${used}console.log([${entries.map((_, n) => `entry${n}`).join()}].length)\n`
  writeFileSync(join(directory, 'everything.mts'), everything)
  for (const { suffix, write } of languages) {
    if (suffix === '.mts') continue
    writeFileSync(join(directory, `everything${suffix}`), write(everything))
    await run(directory, process.execPath, [`everything${suffix}`])
    passed++
  }
  for (const options of typeScript) {
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(options))
    await run(directory, join(root, 'node_modules/.bin/tsc'), ['--noEmit', '-p', '.'])
    passed++
  }
  const version = await run(directory, join(directory, 'node_modules/.bin/tokenflight'), ['--version'])
  if (!/^\d+\.\d+\.\d+/.test(version)) throw new Error(`tokenflight --version says ${version}`)
  return `${passed + 1} with ${manager}`
}

console.log((await Promise.all([check('npm'), check('pnpm')])).join(', '))
