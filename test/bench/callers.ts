import type { Engine } from '../fleet/engine.ts'
import type { CallerOrder, Told } from './caller-process.ts'
import { type Child, startChild } from './child.ts'
import type { TokenEndpoint } from './token-endpoint.ts'

/** Of each process. */
export const callers = 25

/** Processes that share a credential, once they are told which. */
export interface Callers {
  /** Opens the credential in the first so many, where it is not open yet: everybody who has it open is woken by its changes. */
  prepare(size: number, engine: Engine, options?: { locked: boolean }): Promise<void>
  /**
   * What one token request takes in the next of them, in milliseconds: a process that has made as many of them as the one that will refresh
   * for all, and whose connection is as old.
   */
  timeOneRequest(): Promise<number>
  /** All of them find the token refused at the same moment. */
  expire(rejected: string): Promise<Expiry>
  leave(): Promise<void>
  stop(): Promise<void>
}

export interface Expiry {
  token: string
  /** From the first who asked to the last who was answered. */
  ms: number
  /** From "kept" to the last who was answered. */
  wakeMs: number
  storeCalls: number
}

export async function startCallers(processes: number, endpoint: TokenEndpoint): Promise<Callers> {
  const children = Array.from({ length: processes }, () => startChild('./caller-process.ts'))
  let members: Child[] = []
  let turn = 0
  await everyone(children, 'ready')
  return {
    async prepare(size, engine, { locked } = { locked: false }) {
      const joining = children.slice(members.length, size)
      const prepared: Promise<unknown>[] = []
      for (const child of joining) {
        const warm = await endpoint.signIn()
        const order: CallerOrder = { type: 'prepare', engine, locked, tokenEndpoint: endpoint.url, warm }
        prepared.push(everyone([child], 'prepared', order))
      }
      await Promise.all(prepared)
      members.push(...joining)
    },
    async timeOneRequest() {
      const child = members[turn++ % members.length]
      if (child === undefined) throw new Error('nobody has the credential open')
      const requested = child.receive<{ ms: number }>('requested')
      child.send({ type: 'request' })
      return (await requested).ms
    },
    async expire(rejected) {
      // Late enough that the order has reached all of them.
      const at = performance.timeOrigin + performance.now() + 30 + members.length * 5
      return expiryOf(await everyone<Told>(members, 'told', { type: 'ask', at, callers, rejected }))
    },
    async leave() {
      await everyone(members, 'left', { type: 'leave' })
      members = []
    },
    stop: async () => void (await Promise.all(children.map((child) => child.stop()))),
  }
}

async function everyone<T>(children: readonly Child[], answer: string, order?: CallerOrder): Promise<T[]> {
  const answers = children.map((child) => child.receive<T>(answer))
  if (order !== undefined) for (const child of children) child.send(order)
  return await Promise.all(answers)
}

function expiryOf(told: readonly Told[]): Expiry {
  const [token, ...others] = new Set(told.flatMap(({ tokens }) => tokens))
  if (token === undefined || others.length > 0) throw new Error('the processes were told different things')
  const ended = Math.max(...told.map(({ ended }) => ended))
  return {
    token,
    ms: ended - Math.min(...told.map(({ began }) => began)),
    wakeMs: ended - Math.min(...told.map(({ keptAt = Number.POSITIVE_INFINITY }) => keptAt)),
    storeCalls: told.reduce((sum, { storeCalls }) => sum + storeCalls, 0),
  }
}
