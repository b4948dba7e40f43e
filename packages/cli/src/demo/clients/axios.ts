import { withBearer } from '@tokenflight/axios'
import axios, { type AxiosError, type CreateAxiosDefaults, type InternalAxiosRequestConfig } from 'axios'
import type { Client } from './client.ts'

/** axios would send even what is for 127.0.0.1 through the proxy of the environment. */
const direct: CreateAxiosDefaults = { proxy: false }

export const client: Client = {
  // The two interceptors of nearly every post on the subject.
  usual(login) {
    const api = axios.create(direct)
    api.interceptors.request.use(async (config) => {
      config.headers.set('Authorization', `Bearer ${await login.accessToken()}`)
      return config
    })
    api.interceptors.response.use(undefined, async (error: AxiosError) => {
      const config: (InternalAxiosRequestConfig & { retried?: boolean }) | undefined = error.config
      if (error.response?.status !== 401 || config === undefined || config.retried) throw error
      config.retried = true
      await login.refresh()
      return api(config)
    })
    return async (url) => (await api.get(url)).status
  },
  withBearer(tokens, api) {
    const client = withBearer(axios.create({ ...direct, baseURL: api }), tokens)
    return async (url) => (await client.get(url)).status
  },
}
