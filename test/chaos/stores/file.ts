import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { chmod, chown, mkdir, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { TokenStore } from '@tokenflight/core'
import { type FileStore, fileStore } from '@tokenflight/store-file'
import type { Spell } from '../weather.ts'
import type { Engine } from './engine.ts'
import { findUnprivileged } from './unprivileged.ts'

/**
 * A credential file on a small file system of its own that fills up and becomes read-only, in a directory whose permissions change.
 *
 * @param plain Without all that: just a file.
 * @param say Is told what has to be left out here.
 */
export async function openFileEngine(directory: string, plain: boolean, say: (line: string) => void): Promise<Engine> {
  const disk = path.join(directory, 'disk')
  const place = path.join(disk, 'credential')
  const file = path.join(place, 'credentials.json')
  await mkdir(disk)
  const user = plain ? undefined : findUnprivileged()
  const isMounted = !plain && run('mount', '-t', 'tmpfs', '-o', 'size=256k,mode=755', 'tmpfs', disk)
  await mkdir(place, { mode: 0o700 })
  if (user !== undefined) await chown(place, user.uid, user.gid)
  if (!plain && !isMounted) say('left out, no file system may be mounted here: a full disk, a read-only one')
  if (!plain && user === undefined) say('left out, no user is there whom permissions stop: permissions that change')

  const store = fileStore(file)
  return {
    store: user === undefined || user.under.length === 0 ? store : ownedBy(store, file, user),
    seenAt: { store: 'file', path: file },
    placeOf: () => ({ store: 'file', path: file }),
    spells: [...(isMounted ? diskSpells(disk) : []), ...(user === undefined ? [] : permissionSpells(place))],
    under: user?.under ?? [],
    ...(user !== undefined && user.under.length > 0 && { owner: user }),
    pids: [],
    async rest() {
      const names = await readdir(place, { recursive: true })
      const { mode } = await stat(file)
      return { names, leftovers: names.filter((name) => name !== path.basename(file)), mode: mode & 0o777 }
    },
    async close() {
      if (isMounted) unmount(disk)
    },
  }
}

/** What root has written belongs to the processes' user: the store keeps a file's owner, once it has one. */
function ownedBy(store: FileStore, file: string, { uid, gid }: { uid: number; gid: number }): TokenStore {
  return {
    ...store,
    async compareAndSet(...args) {
      const result = await store.compareAndSet(...args)
      if ((await stat(file)).uid !== uid) await chown(file, uid, gid)
      return result
    },
  }
}

function run(command: string, ...args: string[]): boolean {
  return spawnSync(command, args).status === 0
}

/** Also where somebody is in it. */
export function unmount(disk: string): void {
  run('umount', '--lazy', disk)
}

function diskSpells(disk: string): Spell[] {
  const ballast = path.join(disk, 'ballast')
  return [
    {
      what: 'the disk is full',
      begin() {
        fill(ballast)
        // What is deleted meanwhile makes no room.
        const again = setInterval(() => fill(ballast), 5)
        return () => {
          clearInterval(again)
          rmSync(ballast, { force: true })
        }
      },
    },
    {
      what: 'the disk is read-only',
      // Not while somebody writes to it: then there is none this time.
      begin: () => (run('mount', '-o', 'remount,ro', disk) ? () => run('mount', '-o', 'remount,rw', disk) : undefined),
    },
  ]
}

function fill(ballast: string): void {
  const file = openSync(ballast, 'a')
  try {
    for (;;) writeSync(file, Buffer.alloc(4096))
  } catch {
    // Full.
  } finally {
    closeSync(file)
  }
}

function permissionSpells(place: string): Spell[] {
  const modes = { 'the directory may not be written': 0o500, 'the directory may not be entered': 0o000 }
  return Object.entries(modes).map(([what, mode]) => ({
    what,
    async begin() {
      await chmod(place, mode)
      return () => chmod(place, 0o700)
    },
  }))
}
