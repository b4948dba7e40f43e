import { withBearer } from '@tokenflight/got'
import got from 'got'
import type { Client } from './client.ts'

export const client: Client = {
  // The example of `afterResponse` in its documentation.
  usual(login) {
    const api = got.extend({
      hooks: {
        beforeRequest: [
          async (options) => {
            options.headers['authorization'] ??= `Bearer ${await login.accessToken()}`
          },
        ],
        afterResponse: [
          async (response, retryWithMergedOptions) => {
            if (response.statusCode !== 401) return response
            return retryWithMergedOptions({ headers: { authorization: `Bearer ${await login.refresh()}` } })
          },
        ],
      },
    })
    return async (url) => (await api.get(url)).statusCode
  },
  withBearer(tokens, api) {
    const client = withBearer(got, tokens, { origins: api })
    return async (url) => (await client.get(url)).statusCode
  },
}
