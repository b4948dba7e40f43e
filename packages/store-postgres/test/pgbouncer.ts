import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../test/services/free-port.ts'

const command = 'pgbouncer'
/** Debian keeps it where users have no PATH. */
const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` }

/** Whether there is a `pgbouncer` to start. */
export const hasPgbouncer: boolean = spawnSync(command, ['--version'], { env }).error === undefined

/** A pgbouncer that gives every transaction one of two connections to the server. */
export async function startPgbouncer(server: string): Promise<{ url: string; close(): Promise<void> }> {
  const root = mkdtempSync(join(tmpdir(), 'tokenflight-pgbouncer-'))
  chmodSync(root, 0o755)
  const port = await freePort()
  const target = new URL(server)
  const config = join(root, 'pgbouncer.ini')
  writeFileSync(
    config,
    `[databases]
postgres = host=${target.hostname} port=${target.port} dbname=postgres user=${target.username} password=${target.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = extra_float_digits
`,
  )
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', 'postgres'] : []
  const child = spawn(command, [...user, config], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close')
  let said = ''
  child.stderr.setEncoding('utf8')
  for await (const text of child.stderr.iterator({ destroyOnReturn: false })) {
    said += text
    if (said.includes('process up')) break
  }
  if (!said.includes('process up')) throw new Error(`pgbouncer did not start: ${said}`)
  child.stderr.resume()
  const url = new URL(server)
  url.port = String(port)
  return {
    url: url.href,
    async close() {
      child.kill('SIGTERM')
      await ended
      rmSync(root, { recursive: true })
    },
  }
}
