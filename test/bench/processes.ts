import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore } from '@tokenflight/store-file'
import { type Child, startChild } from './child.ts'
import { count, type Effort } from './effort.ts'
import { createRow, type Row } from './row.ts'
import type { TokenEndpoint } from './token-endpoint.ts'

const processes = 8
const callers = 25

interface Told {
  began: number
  ended: number
  tokens: string[]
}

/** Eight processes that share a credential file find the token refused at the same time. */
export async function measureProcesses(effort: Effort, endpoint: TokenEndpoint): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenflight-bench-'))
  const file = join(folder, 'credential.json')
  const children: Child[] = []
  try {
    const store = fileStore(file)
    const tokens = await endpoint.signedIn({ store })
    let { accessToken: rejected } = await tokens.getAccessToken()
    await tokens.close()
    await store.close()
    for (let n = 0; n < processes; n++) children.push(startChild('./caller-process.ts'))
    await everyone(children, 'ready')
    await everyone(children, 'prepared', { type: 'prepare', file, tokenEndpoint: endpoint.url })

    const times: number[] = []
    const over: number[] = []
    const base: number[] = []
    const requests: number[] = []
    const expire = async () => {
      // Late enough that the order has reached all of them.
      const at = performance.timeOrigin + performance.now() + 50
      const told = await everyone<Told>(children, 'told', { type: 'ask', at, callers, rejected })
      rejected = theOneToken(told)
      return Math.max(...told.map(({ ended }) => ended)) - Math.min(...told.map(({ began }) => began))
    }
    // The first time, everything is compiled.
    await expire()
    for (const _ of count(effort.expiries)) {
      const request = await endpoint.timeOneRequest()
      const { tokenRequests } = await endpoint.counts()
      const ms = await expire()
      times.push(ms)
      base.push(request)
      over.push(ms - request)
      requests.push((await endpoint.counts()).tokenRequests - tokenRequests)
    }
    return [
      createRow(
        { id: 'processes.8.file', what: `until the last of 8 x ${callers} callers has the new token`, unit: 'ms' },
        times,
        { ratioTo: 'one token request', base },
      ),
      createRow({ id: 'processes.8.file.over', what: 'what sharing adds to one token request', unit: 'ms' }, over, {
        goal: { goal: 10, goalOf: 'median' },
      }),
      createRow({ id: 'processes.8.file.requests', what: 'token requests per expiry', unit: 'requests' }, requests, {
        goal: { goal: 1, goalOf: 'median' },
      }),
    ]
  } finally {
    await Promise.all(children.map((child) => child.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

async function everyone<T>(children: readonly Child[], answer: string, order?: object): Promise<T[]> {
  const answers = children.map((child) => child.receive<T>(answer))
  if (order !== undefined) for (const child of children) child.send(order)
  return Promise.all(answers)
}

function theOneToken(told: readonly Told[]): string {
  const [token, ...others] = new Set(told.flatMap(({ tokens }) => tokens))
  if (token === undefined || others.length > 0) throw new Error('the processes were told different things')
  return token
}
