import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Fault, startAuthorizationServer, startResourceServer } from '@tokenflight/testing'
import { CommandError, exitCodes } from '../failure.ts'
import { interruption } from '../interruption.ts'
import { withHome } from '../settings/config-file.ts'
import { terminalOf } from '../terminal.ts'
import type { ServeOptions } from './command.ts'
import type { FaultName } from './faults.ts'
import { createJournal } from './journal.ts'
import { introduce } from './words.ts'

const clientId = 'app'

/** Runs until it is interrupted, which is how it is meant to end. @returns The exit code. */
export async function serve(options: ServeOptions): Promise<number> {
  const interrupted = interruption()
  const closers: (() => unknown)[] = [() => interrupted.release()]
  try {
    const {
      expiresIn: accessTokenLifetime,
      grace,
      latency: latencyBefore,
      rotate: rotation,
      strict: reuseDetection,
    } = options
    const policy = { accessTokenLifetime, grace, latencyBefore, rotation, reuseDetection }
    const server = await startAuthorizationServer({ ...policy, port: options.port }).catch(
      portTaken('--port', options.port),
    )
    closers.push(() => server.close())
    const api = await startResourceServer({ authorizationServer: server, port: options.apiPort }).catch(
      portTaken('--api-port', options.apiPort),
    )
    closers.push(() => api.close())
    server.script(options.faults.map(faultOf))

    const { expires_in, ...tokens } = await server.signIn()
    const file = options.file === undefined ? undefined : resolve(withHome(options.file))
    const directory = file === undefined ? await mkdtemp(join(tmpdir(), 'tokenflight-serve-')) : undefined
    if (directory !== undefined) closers.push(() => rm(directory, { recursive: true, force: true }))
    const path = file ?? join(directory ?? '', 'credentials.json')
    await writeNew(path, { ...tokens, expires_at: Math.floor(Date.now() / 1000) + accessTokenLifetime })

    const { url: issuer, tokenEndpoint, revocationEndpoint } = server
    const place = { issuer, tokenEndpoint, revocationEndpoint, clientId, api: api.url, file: path }
    const terminal = terminalOf(process.stdout)
    const write = (text: string): void => void process.stdout.write(`${text}\n`)
    write(options.json ? JSON.stringify(place) : introduce(place, options, terminal))
    const journal = createJournal(server, (entry) =>
      write(options.json ? JSON.stringify(entry) : journal.line(entry, terminal)),
    )
    closers.push(server.onTokenRequest(journal.tokenRequest), api.onRequest(journal.apiRequest))

    await ended(interrupted.signal)
    if (!options.json) write(journal.sum(terminal))
    return exitCodes.done
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })
}

/** Somebody's own credentials are never written over. */
async function writeNew(path: string, content: object): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    const what = code === 'EEXIST' ? 'is there already; remove it, or name another' : `cannot be written (${code})`
    throw new CommandError(exitCodes.failed, `--file: ${path} ${what}.`)
  }
}

function portTaken(flag: string, port: number): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error) || !('code' in error)) throw error
    const what = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${String(error.code)})`
    throw new CommandError(
      exitCodes.failed,
      `${flag}: port ${port} ${what}. Give another, or leave it out for one that is free.`,
    )
  }
}

function faultOf(given: FaultName): Fault {
  const consume = given.startsWith('spent:') ? { consume: true } : {}
  const name = given.replace('spent:', '')
  switch (name) {
    case 'html':
    case 'empty':
      return { fault: 'garbage', shape: name, ...consume }
    case 'unavailable':
      return { fault: 'unavailable', retryAfter: 1, ...consume }
    case 'reset':
    case 'hang':
    case 'truncated':
    case 'error_with_200':
      return { fault: name, ...consume }
    default:
      return { fault: 'none' }
  }
}
