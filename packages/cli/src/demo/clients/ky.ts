import { withBearer } from '@tokenflight/ky'
import ky, { type KyInstance } from 'ky'
import type { Call, Client } from './client.ts'

export const client: Client = {
  // The example of `hooks.afterResponse` in its documentation.
  usual: (login) =>
    get(
      ky.create({
        hooks: {
          beforeRequest: [
            async ({ request }) => {
              request.headers.set('Authorization', `Bearer ${await login.accessToken()}`)
            },
          ],
          afterResponse: [
            async ({ request, response, retryCount }) => {
              if (response.status !== 401 || retryCount > 0) return
              const headers = new Headers(request.headers)
              headers.set('Authorization', `Bearer ${await login.refresh()}`)
              return ky.retry({ request: new Request(request, { headers }) })
            },
          ],
        },
      }),
    ),
  withBearer: (tokens, api) => get(withBearer(ky, tokens, { origins: api })),
}

function get(api: KyInstance): Call {
  return async (url) => {
    const response = await api.get(url)
    await response.text()
    return response.status
  }
}
