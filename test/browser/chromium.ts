import { existsSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { build, type Plugin } from 'esbuild'
import { type Browser, chromium } from 'playwright-core'

export const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

/** Without a browser these tests are skipped, visibly; not where CI promises one. */
export const noBrowser = !existsSync(executablePath) && process.env['CI'] !== 'true'

export async function startBrowser(): Promise<Browser> {
  // Quiet and alone: nothing of the browser's own goes to the network.
  const args = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  // Playwright turns the back-forward cache off; users have it.
  return await chromium.launch({ executablePath, args, ignoreDefaultArgs: ['--disable-back-forward-cache'] })
}

/** One of our sources as a classic script of its own, the way a bundler makes it of the packages. */
export async function bundle(entry: URL, globalName = 'app'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry.pathname],
    bundle: true,
    write: false,
    format: 'iife',
    globalName,
    platform: 'browser',
    conditions: ['@tokenflight/source'],
    plugins: [withoutNode],
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

/** The testing package has parts for Node only; in a page they are there and do nothing. */
const withoutNode: Plugin = {
  name: 'without-node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'without-node' }))
    onLoad({ filter: /.*/, namespace: 'without-node' }, () => ({
      contents: 'module.exports = new Proxy({}, { get: () => function () {} })',
    }))
  },
}

export interface Site {
  origin: string
  close(): Promise<void>
}

/** Serves pages on an origin of their own; `answer` is asked for whatever is not in `files`. */
export async function serve(files: Readonly<Record<string, string>>, answer?: RequestListener): Promise<Site> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const file = files[path]
    if (file === undefined && answer !== undefined) return answer(request, response)
    if (file === undefined) return response.writeHead(404).end()
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html'
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' }).end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
