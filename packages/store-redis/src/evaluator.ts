import type { Timing } from '@tokenflight/core'
import { isNoScript } from './errors.ts'
import type { Link } from './link.ts'
import type { Script } from './scripts.ts'

/** After a stall (SIGSTOP, suspend) timers run before sockets are read: one turn for the answer that is waiting there. */
const drainTime = 300

export interface Evaluation {
  reply: unknown
  /** How many replicas have this write and all before it. Absent: nobody asked. */
  acknowledged?: number
}

export interface Evaluator {
  /** Runs a script on one key, whether or not the server still knows it. */
  script(
    script: Script,
    name: string,
    args: readonly string[],
    replicas?: { count: number; timeout: number },
  ): Promise<Evaluation>
  command(name: string, command: readonly string[]): Promise<unknown>
}

/** Everything with a time limit: a client that is not connected may queue commands for as long as that lasts. */
export function createEvaluator(link: Link, timing: Timing, timeout: number): Evaluator {
  /** By its name, or where the server has forgotten it in full. */
  async function known<T>(run: (command: readonly string[]) => Promise<T>, { sha, source }: Script, rest: string[]) {
    try {
      return await run(['EVALSHA', sha, ...rest])
    } catch (error) {
      if (!isNoScript(error)) throw error
      return await run(['EVAL', source, ...rest])
    }
  }

  function limited<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController()
    return new Promise((resolve, reject) => {
      let cancel = timing.after(ms, () => {
        cancel = timing.after(drainTime, () => {
          reject(new Error(`no answer for ${ms} ms`))
          // What is still queued here is not worth sending any more.
          abort.abort()
        })
      })
      void work(abort.signal)
        .then(resolve, reject)
        .finally(() => cancel())
    })
  }

  return {
    command: (name, command) => limited(timeout, (signal) => link.run(name, command, signal)),
    script(script, name, args, replicas) {
      const rest = ['1', name, ...args]
      if (replicas === undefined)
        return limited(timeout, async (signal) => ({
          reply: await known((command) => link.run(name, command, signal), script, rest),
        }))
      const wait = ['WAIT', String(replicas.count), String(replicas.timeout)]
      return limited(timeout + replicas.timeout, async () => {
        const [reply, count] = await known((command) => link.runTogether(name, [command, wait]), script, rest)
        return { reply, acknowledged: Number(count) }
      })
    },
  }
}
