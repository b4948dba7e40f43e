import ky from 'ky'
import { type Library, refreshForm, Session } from '../library.ts'
import { sendWithKy } from './send-with-ky.ts'

export const kyRecipe: Library = {
  name: 'ky recipe',
  packages: ['ky'],
  setup:
    'the example of `hooks.afterResponse` in its documentation: after a first 401, refresh, `ky.retry()` with a new Request',
  features: ['client', 'retry', 'copies'],
  async open(setup) {
    const session = new Session(setup)
    const fetch = setup.single && { fetch: setup.single.fetch }
    const client = ky.create({
      ...fetch,
      hooks: {
        beforeRequest: [({ request }) => request.headers.set('Authorization', `Bearer ${session.accessToken}`)],
        afterResponse: [
          async ({ request, response, retryCount }) => {
            if (response.status !== 401 || retryCount > 0) return
            const form = refreshForm(session.refreshToken)
            const token = session.keep(await ky.post(setup.tokenEndpoint, { body: form, ...fetch }).json())
            const headers = new Headers(request.headers)
            headers.set('Authorization', `Bearer ${token}`)
            return ky.retry({ request: new Request(request, { headers }), code: 'TOKEN_REFRESHED' })
          },
        ],
      },
    })
    return { send: (call) => sendWithKy(client, call), close: async () => {} }
  },
}
