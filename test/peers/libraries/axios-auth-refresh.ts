import axios from 'axios'
import { createAuthRefresh } from 'axios-auth-refresh'
import { type Library, refreshForm, Session } from '../library.ts'
import { sendWithAxios } from './send-with-axios.ts'

export const axiosAuthRefresh: Library = {
  name: 'axios-auth-refresh',
  packages: ['axios-auth-refresh', 'axios'],
  setup:
    '`createAuthRefresh` on an instance whose request interceptor sets the token; the refresh goes through another instance (README, "Usage" and "Request interceptor")',
  features: ['client'],
  async open(setup) {
    const session = new Session(setup)
    const agent = setup.single && { httpAgent: setup.single.agent }
    const client = axios.create({ baseURL: setup.api, ...agent })
    client.interceptors.request.use((config) => {
      config.headers.set('Authorization', `Bearer ${session.accessToken}`)
      return config
    })
    // Its types are written against the CommonJS declarations of axios, which TypeScript takes for another axios.
    createAuthRefresh(client as unknown as Parameters<typeof createAuthRefresh>[0], async (failed) => {
      const { data } = await axios.post(setup.tokenEndpoint, refreshForm(session.refreshToken), agent)
      failed.response.config.headers['Authorization'] = `Bearer ${session.keep(data)}`
    })
    return { send: (call) => sendWithAxios(client, call), close: async () => {} }
  },
}
