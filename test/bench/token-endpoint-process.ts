import { startAuthorizationServer } from '@tokenflight/testing'
import { serveParent } from './child.ts'

// A strict authorization server whose token requests take 50 ms.

const server = await startAuthorizationServer({ latencyBefore: 50 })
const say = serveParent((message: { type: 'sign in' } | { type: 'count' }) => {
  if (message.type === 'sign in') void server.signIn().then((response) => say({ type: 'signed in', response }))
  else say({ type: 'counted', tokenRequests: server.tokenRequests, replays: server.replays })
})
say({ type: 'ready', tokenEndpoint: server.tokenEndpoint })
