import { fileURLToPath } from 'node:url'
import { createServer, type ViteDevServer } from 'vite'
import { api } from './api.ts'
import { authorizationServer, type Moments } from './authorization-server.ts'
import type { Counts } from './counts.ts'
import { loopback } from './loopback.ts'

export interface Example {
  readonly url: string
  readonly vite: ViteDevServer
  readonly counts: Counts
  close(): Promise<void>
}

/** Three origins, as in life: the authorization server, the API, and the application (vite). */
export async function startExample(port: number, moments: Moments): Promise<Example> {
  const [authorization, resources] = [await loopback(), await loopback()]
  process.env['VITE_ISSUER'] = authorization.origin
  process.env['VITE_API'] = resources.origin
  const vite = await createServer({
    root: fileURLToPath(new URL('..', import.meta.url)),
    logLevel: 'warn',
    server: { host: '127.0.0.1', port },
  })
  await vite.listen()
  const address = vite.httpServer?.address()
  if (typeof address !== 'object' || address === null) throw new Error('vite has no TCP port.')
  const url = `http://127.0.0.1:${address.port}`

  const counts: Counts = { tokenRequests: 0, refused: 0, answered: 0, rejected: 0 }
  const { listener, accepts } = authorizationServer(authorization.origin, url, moments, counts)
  authorization.answer(listener)
  resources.answer(api(url, accepts, counts))
  return {
    url,
    vite,
    counts,
    async close() {
      await Promise.all([vite.close(), authorization.close(), resources.close()])
    },
  }
}
