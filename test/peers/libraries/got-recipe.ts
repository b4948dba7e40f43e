import type { TokenResponse } from '@tokenflight/core'
import got from 'got'
import { type Library, refreshForm, Session } from '../library.ts'
import { sendWithGot } from './send-with-got.ts'

export const gotRecipe: Library = {
  name: 'got recipe',
  packages: ['got'],
  setup:
    'the example of `afterResponse` in its documentation: after a 401, refresh, merge the token into the defaults, `retryWithMergedOptions`',
  features: ['client', 'retry'],
  async open(setup) {
    const session = new Session(setup)
    const agent = setup.single && { agent: { http: setup.single.agent } }
    const client = got.extend({
      ...agent,
      headers: { authorization: `Bearer ${session.accessToken}` },
      mutableDefaults: true,
      hooks: {
        afterResponse: [
          async (response, retryWithMergedOptions) => {
            if (response.statusCode !== 401) return response
            const answer = got.post(setup.tokenEndpoint, {
              body: refreshForm(session.refreshToken).toString(),
              ...formType,
              ...agent,
            })
            const token = session.keep(await answer.json<TokenResponse>())
            const updated = { headers: { authorization: `Bearer ${token}` } }
            client.defaults.options.merge(updated)
            return retryWithMergedOptions(updated)
          },
        ],
      },
    })
    return { send: (call) => sendWithGot(client, call), close: async () => {} }
  },
}

const formType = { headers: { 'content-type': 'application/x-www-form-urlencoded' } }
