import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Somebody whom permissions stop, who can read these sources all the same. */
export interface Unprivileged {
  uid: number
  gid: number
  /** A command that runs another as this user, under the same process id. */
  under: readonly string[]
}

const nobody = 65534

/** Undefined where there is no such user: as root on a system without `setpriv`, or with the sources in a private place. */
export function findUnprivileged(): Unprivileged | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()]
  if (uid === undefined || gid === undefined) return undefined
  if (uid !== 0) return { uid, gid, under: [] }
  const under = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']
  const [command = '', ...args] = under
  const reads = `fs.readFileSync(${JSON.stringify(fileURLToPath(import.meta.url))})`
  const { status } = spawnSync(command, [...args, process.execPath, '-e', reads])
  return status === 0 ? { uid: nobody, gid: nobody, under } : undefined
}
