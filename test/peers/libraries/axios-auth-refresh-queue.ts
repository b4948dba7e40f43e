import axios from 'axios'
import { applyAuthTokenInterceptor } from 'axios-auth-refresh-queue'
import { type Library, refreshForm, Session } from '../library.ts'
import { sendWithAxios } from './send-with-axios.ts'

export const axiosAuthRefreshQueue: Library = {
  name: 'axios-auth-refresh-queue',
  packages: ['axios-auth-refresh-queue', 'axios'],
  setup:
    '`applyAuthTokenInterceptor` with `headerTokenHandler`, `getRefreshToken` and `requestRefresh`, which calls axios itself; tokens in a variable (README, "Basic Setup")',
  features: ['client'],
  async open(setup) {
    const session = new Session(setup)
    const agent = setup.single && { httpAgent: setup.single.agent }
    const client = axios.create({ baseURL: setup.api, ...agent })
    // Its types are written against the CommonJS declarations of axios, which TypeScript takes for another axios.
    applyAuthTokenInterceptor(client as unknown as Parameters<typeof applyAuthTokenInterceptor>[0], {
      headerTokenHandler: (request) => {
        request.headers.set('Authorization', `Bearer ${session.accessToken}`)
      },
      getRefreshToken: () => session.refreshToken,
      requestRefresh: async (refreshToken = '') => {
        const { data } = await axios.post(setup.tokenEndpoint, refreshForm(refreshToken), agent)
        return { accessToken: data.access_token, refreshToken: data.refresh_token }
      },
      onSuccess: ({ accessToken, refreshToken }) => {
        session.keep({ access_token: accessToken, ...(refreshToken !== undefined && { refresh_token: refreshToken }) })
      },
      onFailure: () => {},
    })
    return { send: (call) => sendWithAxios(client, call), close: async () => {} }
  },
}
