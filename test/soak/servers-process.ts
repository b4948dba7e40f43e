import { startAuthorizationServer, startResourceServer } from '@tokenflight/testing'

// The servers of a soak, in a process of their own: what they remember must not count as growth of the clients.

const server = await startAuthorizationServer({ accessTokenLifetime: 1 })
const api = await startResourceServer({ authorizationServer: server })

interface Order {
  type: 'script'
  answers: Parameters<typeof api.script>[0]
}

process.on('message', (order: Order) => api.script(order.answers))
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => {})
process.send?.({ type: 'ready', server: server.url, api: api.url })
