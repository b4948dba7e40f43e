import { withBearer as withBearerAxios } from '@tokenflight/axios'
import type { TokenSource } from '@tokenflight/core'
import { withBearer } from '@tokenflight/fetch'
import { withBearer as withBearerGot } from '@tokenflight/got'
import { withBearer as withBearerKy } from '@tokenflight/ky'
import axios, { type AxiosInstance } from 'axios'
import got, { type Got } from 'got'
import ky, { type KyInstance } from 'ky'

export type Method = 'GET' | 'POST'

/** Sends one request and reads the answer; throws for any status but 200. */
export type Send = (method: Method) => Promise<void>

/** An HTTP client as an application uses it. */
export interface Client {
  name: string
  /** With the header set by hand. */
  bare(url: string, authorization: string): Send
  bearer(url: string, tokens: TokenSource): Send
  /** What is done for a request besides setting a header. */
  work: string
}

const hello = { hello: 'world' }

const sendWithFetch =
  (client: typeof fetch, url: string, headers: Record<string, string>): Send =>
  async (method) => {
    const body = method === 'POST' ? { body: JSON.stringify(hello) } : {}
    const contentType = method === 'POST' ? { 'content-type': 'application/json' } : {}
    const response = await client(url, { method, headers: { ...headers, ...contentType }, ...body })
    await response.arrayBuffer()
    if (response.status !== 200) throw new Error(`the API answered ${response.status}`)
  }

const sendWithAxios =
  (client: AxiosInstance, headers: Record<string, string>): Send =>
  async (method) => {
    if (method === 'GET') await client.get('/', { headers })
    else await client.post('/', hello, { headers })
  }

const sendWithGot =
  (client: Got, url: string, headers: Record<string, string>): Send =>
  async (method) => {
    if (method === 'GET') await client.get(url, { headers })
    else await client.post(url, { headers, json: hello })
  }

const sendWithKy =
  (client: KyInstance, url: string, headers: Record<string, string>): Send =>
  async (method) => {
    const response =
      method === 'GET' ? await client.get(url, { headers }) : await client.post(url, { headers, json: hello })
    await response.arrayBuffer()
  }

export const clients: readonly Client[] = [
  {
    name: 'fetch',
    bare: (url, authorization) => sendWithFetch(fetch, url, { authorization }),
    bearer: (url, tokens) => sendWithFetch(withBearer(fetch, tokens, { origins: url }), url, {}),
    work: 'a wrapper that does nothing but set the header costs 1.00 to 1.02 already; the rest checks the origin and the token, and reads the status',
  },
  {
    name: 'axios',
    bare: (baseURL, authorization) => sendWithAxios(axios.create({ baseURL }), { authorization }),
    bearer: (baseURL, tokens) => sendWithAxios(withBearerAxios(axios.create({ baseURL }), tokens), {}),
    work: 'the config is copied, so that neither errors nor retries have the token in them, and redirects are watched',
  },
  {
    name: 'got',
    bare: (url, authorization) => sendWithGot(got, url, { authorization }),
    bearer: (url, tokens) => sendWithGot(withBearerGot(got, tokens, { origins: url }), url, {}),
    work: 'a handler runs and hooks are placed for each request',
  },
  {
    name: 'ky',
    bare: (url, authorization) => sendWithKy(ky, url, { authorization }),
    bearer: (url, tokens) => sendWithKy(withBearerKy(ky, tokens, { origins: url }), url, {}),
    work: 'what ky hands on is a Request, which can be read once: its body is copied in case of a replay',
  },
]
