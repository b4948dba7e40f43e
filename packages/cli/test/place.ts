import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AuthorizationServer, startAuthorizationServer } from '@tokenflight/testing'
import { bundle } from './bundle.ts'
import { type Finished, finished, type RunOptions, start } from './command-line.ts'

/** A home, a working directory, an authorization server, and the command as it is installed. */
export interface Place {
  directory: string
  /** In the directory; mode 0600 unless said otherwise. Returns the path. */
  write(name: string, content: object | string, mode?: number): Promise<string>
  server: AuthorizationServer
  /** Tokens of a new sign-in, as a program keeps them; they have expired unless `left` says how many seconds are left. */
  signIn(left?: number): Promise<{ access_token: string; refresh_token: string; expires_at: number }>
  /** The flags of a client of the server. */
  client: string[]
  start(args: string[], options?: RunOptions): ReturnType<typeof start>
  run(args: string[], options?: RunOptions): Promise<Finished>
  entry: string
  close(): Promise<void>
}

export async function openPlace(): Promise<Place> {
  const [built, server, made] = await Promise.all([
    bundle(),
    startAuthorizationServer(),
    mkdtemp(join(tmpdir(), 'tokenflight-cli-')),
  ])
  const directory = await realpath(made)
  const running = new Set<ReturnType<typeof start>>()
  const started = (args: string[], options: RunOptions = {}) => {
    const child = start(args, {
      cwd: directory,
      entry: built.entry,
      ...options,
      env: { HOME: directory, ...options.env },
    })
    running.add(child)
    return child.once('exit', () => running.delete(child))
  }
  return {
    directory,
    entry: built.entry,
    server,
    client: ['--token-endpoint', server.tokenEndpoint, '--client-id', 'app'],
    async write(name, content, mode = 0o600) {
      const path = join(directory, name)
      await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content), { mode })
      return path
    },
    async signIn(left = -60) {
      const { access_token, refresh_token = '', token_type } = await server.signIn({ expired: left < 0 })
      return { access_token, refresh_token, token_type, expires_at: Math.floor(Date.now() / 1000) + left }
    },
    start: started,
    run: (args, options) => finished(started(args, options)),
    async close() {
      // Those of a test that failed.
      for (const child of running) child.kill('SIGKILL')
      await server.close()
      await Promise.all([built.directory, made].map((path) => rm(path, { recursive: true })))
    },
  }
}
