import { createTokenManager, type Grant, type TokenResponse, type TokenStore } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { type Engine, openStore } from '../fleet/engine.ts'
import { serveParent } from './child.ts'
import { lockedRefresh } from './locked-refresh.ts'
import { timedRequest } from './token-endpoint.ts'

// One of the processes that share a credential.

export type CallerOrder =
  /** `warm`: a sign-in of this process's own, to make token requests of its own with. */
  | { type: 'prepare'; engine: Engine; locked: boolean; tokenEndpoint: string; warm: TokenResponse }
  /** `at`: epoch milliseconds. */
  | { type: 'ask'; at: number; callers: number; rejected: string }
  /** One token request of its own, with nobody to share it. */
  | { type: 'request' }
  | { type: 'leave' }

export interface Told {
  /** Epoch milliseconds with fractions. */
  began: number
  ended: number
  /** When the new tokens were kept, where it was this process that kept them. */
  keptAt?: number
  tokens: string[]
  /** Reads and writes of the store. */
  storeCalls: number
}

/** So that a first one is no part of what is measured. */
const warmRequests = 3
/** What is reported takes no time from those who still wait. Milliseconds. */
const reportAfter = 30

const now = () => performance.timeOrigin + performance.now()
let token: (rejected: string) => Promise<string>
let request: () => Promise<number>
let leave = async (): Promise<void> => {}
let keptAt: number | undefined
let storeCalls = 0

const say = serveParent((order: CallerOrder) => {
  if (order.type === 'prepare') void prepare(order).then(() => say({ type: 'prepared' }))
  else if (order.type === 'request') void request().then((ms) => say({ type: 'requested', ms }))
  else if (order.type === 'leave') void leave().then(() => say({ type: 'left' }))
  else setTimeout(() => void ask(order), Math.max(0, order.at - now()))
})
say({ type: 'ready' })

async function prepare(order: CallerOrder & { type: 'prepare' }): Promise<void> {
  const { engine, locked, tokenEndpoint, warm } = order
  const grant = refreshTokenGrant({ tokenEndpoint, clientId: 'app', clientAuthentication: 'none' })
  request = timedRequest(grant, warm)
  for (let n = 0; n < warmRequests; n++) await request()
  if (locked && engine.kind === 'file') token = lockedRefresh(engine.path, tokenEndpoint)
  else await open(engine, grant)
}

async function open(engine: Engine, grant: Grant): Promise<void> {
  const { store: inner, close } = await openStore(engine)
  const store: TokenStore = {
    ...inner,
    read(key) {
      storeCalls++
      return inner.read(key)
    },
    compareAndSet(key, version, record) {
      storeCalls++
      return inner.compareAndSet(key, version, record)
    },
  }
  const tokens = createTokenManager({
    ...{ store, grant, softWindow: false, coolDown: 0 },
    onEvent({ type }) {
      if (type === 'refreshed') keptAt = now()
    },
  })
  await tokens.getAccessToken()
  token = async (rejected) => (await tokens.getAccessToken({ rejected })).accessToken
  leave = async () => {
    await tokens.close()
    await inner.close?.()
    await close()
  }
}

async function ask({ callers, rejected }: CallerOrder & { type: 'ask' }): Promise<void> {
  keptAt = undefined
  storeCalls = 0
  const began = now()
  const got = await Promise.all(Array.from({ length: callers }, () => token(rejected)))
  const ended = now()
  const told: Told = { began, ended, tokens: [...new Set(got)], storeCalls, ...(keptAt !== undefined && { keptAt }) }
  setTimeout(() => say({ type: 'told', ...told }), reportAfter)
}
