import { pipeline, withHeaders, withTokenRefresh } from 'fetch-extras'
import { fetchInit, type Library, redeem, Session } from '../library.ts'

export const fetchExtras: Library = {
  name: 'fetch-extras',
  packages: ['fetch-extras'],
  setup: '`pipeline` of `withHeaders`, with a function for the token, and `withTokenRefresh` (README)',
  features: ['client', 'copies'],
  async open(setup) {
    const session = new Session(setup)
    const apiFetch = pipeline(
      setup.single?.fetch ?? fetch,
      withHeaders(() => ({ Authorization: `Bearer ${session.accessToken}` })),
      withTokenRefresh({ refreshToken: async () => session.keep(await redeem(setup, session.refreshToken)) }),
    )
    return {
      async send(call) {
        const response = await apiFetch(call.url, fetchInit(call))
        await response.arrayBuffer()
        return response
      },
      close: async () => {},
    }
  },
}
