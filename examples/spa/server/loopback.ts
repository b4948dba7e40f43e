import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'

export interface Loopback {
  readonly origin: string
  /** The listener may need the origin first, so it comes second. */
  answer(listener: RequestListener): void
  close(): Promise<void>
}

/** An HTTP server on 127.0.0.1 and a port of the system's choice. */
export async function loopback(): Promise<Loopback> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    answer: (listener) => void server.on('request', listener),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
