import { createServer } from 'node:http'
import { serveParent } from './child.ts'

// A resource server that does as little as one can.

const body = JSON.stringify({ ok: true })
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(request.headers.authorization === undefined ? 401 : 200, {
      'content-type': 'application/json',
      'content-length': body.length,
    })
    response.end(body)
  })
})
server.keepAliveTimeout = 60_000

const say = serveParent(() => {})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) say({ type: 'ready', url: `http://127.0.0.1:${address.port}` })
})
