import { withBearer } from '@tokenflight/fetch'
import type { Client } from './client.ts'

export const client: Client = {
  // fetch has no hooks: everybody wraps it.
  usual: (login) => async (url) => {
    const send = (token: string): Promise<Response> => fetch(url, { headers: { authorization: `Bearer ${token}` } })
    let response = await send(await login.accessToken())
    if (response.status === 401) {
      await response.text()
      response = await send(await login.refresh())
    }
    await response.text()
    return response.status
  },
  withBearer(tokens, api) {
    const apiFetch = withBearer(fetch, tokens, { origins: api })
    return async (url) => {
      const response = await apiFetch(url)
      await response.text()
      return response.status
    }
  },
}
