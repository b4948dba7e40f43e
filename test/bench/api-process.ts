import { createServer } from 'node:http'
import { serveParent } from './child.ts'

// A resource server that does as little as one can. Where it is told so, it refuses every token some time after it first saw it, whatever
// the token was said to last.

type Order = { type: 'refuse'; after: number } | { type: 'count' }

const body = JSON.stringify({ ok: true })
const firstSeen = new Map<string, number>()
let refuseAfter = Number.POSITIVE_INFINITY
let refused = 0

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    const accepted = accepts(request.headers.authorization)
    response.writeHead(accepted ? 200 : 401, {
      'content-type': 'application/json',
      'content-length': body.length,
      ...(!accepted && { 'www-authenticate': 'Bearer error="invalid_token"' }),
    })
    response.end(body)
  })
})
server.keepAliveTimeout = 60_000

function accepts(authorization: string | undefined): boolean {
  if (authorization === undefined) return false
  if (refuseAfter === Number.POSITIVE_INFINITY) return true
  const now = performance.now()
  const seen = firstSeen.get(authorization) ?? now
  firstSeen.set(authorization, seen)
  if (now - seen < refuseAfter) return true
  refused++
  return false
}

const say = serveParent((order: Order) => {
  if (order.type === 'refuse') {
    refuseAfter = order.after
    say({ type: 'refuses' })
    return
  }
  say({ type: 'counted', refused, tokens: firstSeen.size })
  refused = 0
  firstSeen.clear()
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) say({ type: 'ready', url: `http://127.0.0.1:${address.port}` })
})
