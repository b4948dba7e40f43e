import { createTokenManager, type TokenManager } from '@tokenflight/core'
import { refreshTokenGrant } from '@tokenflight/oauth'
import { fileStore } from '@tokenflight/store-file'
import { serveParent } from './child.ts'

// One of the processes that share a credential file.

type Order =
  | { type: 'prepare'; file: string; tokenEndpoint: string }
  /** `at`: epoch milliseconds. */
  | { type: 'ask'; at: number; callers: number; rejected: string }

const now = () => performance.timeOrigin + performance.now()
let tokens: TokenManager

const say = serveParent((order: Order) => {
  if (order.type === 'prepare') void prepare(order).then(() => say({ type: 'prepared' }))
  else setTimeout(() => void ask(order), Math.max(0, order.at - now()))
})
say({ type: 'ready' })

async function prepare({ file, tokenEndpoint }: Order & { type: 'prepare' }): Promise<void> {
  const grant = refreshTokenGrant({ tokenEndpoint, clientId: 'app', clientAuthentication: 'none' })
  tokens = createTokenManager({ store: fileStore(file), grant, softWindow: false, coolDown: 0 })
  await tokens.getAccessToken()
}

async function ask({ callers, rejected }: Order & { type: 'ask' }): Promise<void> {
  const began = now()
  const got = await Promise.all(Array.from({ length: callers }, () => tokens.getAccessToken({ rejected })))
  const ended = now()
  const different = new Set(got.map(({ accessToken }) => accessToken))
  say({ type: 'told', began, ended, tokens: [...different] })
}
