import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What a process needs to be found, and to start soon. */
const { PATH, NODE_COMPILE_CACHE } = process.env
const entry = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv
  /** Modules to load first, in every process. */
  imports?: URL[]
  /** Built files to run in place of the sources. */
  entry?: string
  cwd?: string
  /** What the command reads; it is at its end then. */
  stdin?: string
}

/** Starts the real command from the sources, as `npm run demo` does, without a terminal. */
export function start(args: string[], options: RunOptions = {}): ChildProcess {
  const { env = {}, imports = [], cwd, stdin } = options
  const flags = ['--conditions=@tokenflight/source', ...imports.flatMap((url) => ['--import', url.href])]
  const child = spawn(process.execPath, [...flags, options.entry ?? entry, ...args], {
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { PATH, LANG: 'C.UTF-8', ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  // A command that does not read it may be gone already.
  child.stdin?.on('error', () => {}).end(stdin)
  return child
}

export async function finished(child: ChildProcess): Promise<Finished> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}

export function run(args: string[], options?: RunOptions): Promise<Finished> {
  return finished(start(args, options))
}
