import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PeerCall, Setup } from './library.ts'
import type { World } from './world.ts'

/** A process of its own with one client of a library in it. */
export interface PeerProcess {
  send(call: PeerCall): Promise<unknown>
}

export async function openProcess(world: World, setup: Setup): Promise<PeerProcess> {
  const program = fileURLToPath(new URL('peer-process.ts', import.meta.url))
  const child = fork(program, [world.library.name, JSON.stringify(setup)], {
    execArgv: ['--conditions=@tokenflight/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  world.defer(() => child.kill('SIGKILL'))
  const gone = once(child, 'exit').then(() => 'gone')
  await Promise.race([once(child, 'message'), gone])
  return {
    async send(call) {
      const answer = once(child, 'message').then(([status]) => status)
      child.send(call)
      return await Promise.race([answer, gone])
    },
  }
}
