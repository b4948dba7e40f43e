import { spawn, spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { build } from 'esbuild'
import { serve, startBrowser } from '../browser/chromium.ts'

// The built packages in every runtime that people deploy to. `npm run runtimes -- --json` prints one object, for people there is stderr.

/** Each scenario, with what went wrong. */
type Results = [name: string, error: string | null][]

interface Urls {
  server: string
  api: string
}

interface Runtime {
  name: string
  version(): Promise<string> | string
  run(urls: Urls): Promise<Results>
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
})

/** A runtime with a command line of its own. */
function program(name: string, words: string[]): Runtime {
  const [executable = '', ...args] = words
  return {
    name,
    version: () =>
      /\d+\.\d+\.\d+/.exec(spawnSync(executable, ['--version'], { encoding: 'utf8' }).stdout)?.[0] ?? 'unknown',
    async run(urls) {
      const env = { ...process.env, TEST_URLS: JSON.stringify(urls), TEST_COMMAND: JSON.stringify(words) }
      const child = spawn(executable, [...args, here('./node-like.mjs')], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env,
        cwd: here('.'),
      })
      let printed = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text
      })
      const stop = setTimeout(() => child.kill('SIGKILL'), 120_000)
      const code = await new Promise((resolve) => child.on('close', resolve))
      clearTimeout(stop)
      const last = printed.trim().split('\n').at(-1) ?? ''
      return code === 0 ? JSON.parse(last) : [[`${name} runs to its end`, `it ended with ${code}`]]
    },
  }
}

/** For runtimes without a file system: the scenarios and the built packages in one script. */
async function bundle(contents: string, format: 'esm' | 'iife'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here('.') },
    bundle: true,
    write: false,
    format,
    globalName: 'runtime',
    platform: 'browser',
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

const workerd: Runtime = {
  name: 'workerd',
  version: () =>
    createRequire(realpathSync(here('./node_modules/miniflare/package.json')))('workerd/package.json').version,
  async run(urls) {
    const { Miniflare } = await import(here('./node_modules/miniflare/dist/src/index.js'))
    const script = await bundle(
      `import { runAll } from './portable.mjs'
       export default { fetch: async (request, { URLS }) => Response.json(await runAll(JSON.parse(URLS))) }`,
      'esm',
    )
    const bindings = { URLS: JSON.stringify(urls) }
    const worker = new Miniflare({
      modules: true,
      host: '127.0.0.1',
      port: 0,
      cf: false,
      compatibilityDate: '2026-01-01',
      bindings,
      script,
    })
    try {
      return await (await worker.dispatchFetch('http://localhost/')).json()
    } finally {
      await worker.dispose()
    }
  },
}

const chromium: Runtime = {
  name: 'chromium',
  async version() {
    const browser = await startBrowser()
    const version = browser.version()
    await browser.close()
    return version
  },
  async run(urls) {
    const script = await bundle(`export { runAll } from './portable.mjs'`, 'iife')
    const site = await serve({ '/': '<!doctype html><script src="/runtime.js"></script>', '/runtime.js': script })
    const browser = await startBrowser()
    try {
      const page = await browser.newPage()
      await page.goto(site.origin)
      return await page.evaluate(`runtime.runAll(${JSON.stringify(urls)})`)
    } finally {
      await browser.close()
      await site.close()
    }
  },
}

const runtimes: Runtime[] = [
  program('node 22', [here('./node_modules/node-22/bin/node')]),
  program('node 24', [process.execPath]),
  program('node 26', [here('./node_modules/node-26/bin/node')]),
  program('bun', [here('./node_modules/bun/bin/bun.exe')]),
  program('deno', [here('./node_modules/deno/deno'), 'run', '--allow-all', '--node-modules-dir=manual', '--quiet']),
  workerd,
  chromium,
]

for (const [needed, how] of [
  ['../../packages/core/dist/index.js', 'the packages are not built: `npm run build`'],
  ['./node_modules', 'the runtimes are not installed: `npm run runtimes` does that'],
] as const) {
  if (existsSync(here(needed))) continue
  console.error(`Nothing to run: ${how}.`)
  process.exit(2)
}

await using server = await asyncDisposable(startAuthorizationServer())
await using api = await asyncDisposable(startResourceServer({ authorizationServer: server }))
const wanted = runtimes.filter(({ name }) => values.only === undefined || values.only.includes(name))
const report: { name: string; version: string; passed: number; failed: number }[] = []
for (const { name, version, run } of wanted) {
  const results = await run({ server: server.url, api: api.url })
  const failures = results.filter(([, error]) => error !== null)
  report.push({ name, version: await version(), passed: results.length - failures.length, failed: failures.length })
  const line = report.at(-1)
  console.error(
    `${failures.length === 0 ? 'ok    ' : 'FAILED'}  ${name} ${line?.version}: ${line?.passed} passed, ${line?.failed} failed`,
  )
  for (const [scenario, error] of failures) console.error(`        ${scenario}\n        ${error}`)
}
if (values.json) console.log(JSON.stringify({ runtimes: report }))
process.exitCode = report.some(({ failed }) => failed > 0) ? 1 : 0

async function asyncDisposable<T extends { close(): Promise<void> }>(
  opening: Promise<T>,
): Promise<T & AsyncDisposable> {
  const opened = await opening
  return Object.assign(opened, { [Symbol.asyncDispose]: () => opened.close() })
}
