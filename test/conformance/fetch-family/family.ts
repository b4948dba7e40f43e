import { type Fetch, withBearer } from '@tokenflight/fetch'
import type { Echo } from '@tokenflight/testing'
import { GraphQLClient } from 'graphql-request'
import { ofetch } from 'ofetch'
import createOpenApiClient from 'openapi-fetch'
import type { TokenSource } from 'tokenflight'
import { Agent, fetch as undiciFetch } from 'undici'
import { afterAll } from 'vitest'
import { poolFor } from '../adapters/fixtures/pool.ts'
import { certificate } from '../adapters/fronts.ts'

/** A client that takes a fetch, with ours in it. */
export interface Member {
  readonly name: string
  /** For an API over https, it gets a fetch that trusts the certificate of these tests. */
  open(tokens: TokenSource, url: string): MemberClient
}

/** What each behaviour is asked of. */
export interface TransportedMember extends Member {
  readonly transport: 'http' | 'https'
}

const ca = certificate.cert
const trusting = { dispatcher: poolFor({ ca }) }
const trustingUndici = { dispatcher: new Agent({ connect: { ca } }) }
afterAll(() => Promise.all([trusting.dispatcher?.destroy(), trustingUndici.dispatcher.destroy()]))

const isSecure = (url: string) => url.startsWith('https:')

/** The platform's fetch, for this API. */
function fetchFor(url: string): Fetch {
  return isSecure(url) ? (input, init) => fetch(input, { ...init, ...trusting }) : fetch
}

export interface MemberClient {
  /** The client's own result, or the client's own error. */
  read(path: string): Promise<Echo>
  write(path: string, value: object): Promise<Echo>
}

interface Paths {
  '/{path}': {
    get: { parameters: { path: { path: string } }; responses: { 200: { content: { 'application/json': Echo } } } }
    post: {
      parameters: { path: { path: string } }
      requestBody: { content: { 'application/json': object } }
      responses: { 200: { content: { 'application/json': Echo } } }
    }
  }
}

/** How many SDKs look: a `fetch` option, called as a method, an error class of their own. */
export class AcmeClient {
  readonly url: string
  readonly fetch: Fetch

  constructor(options: { url: string; fetch?: Fetch }) {
    this.url = options.url
    this.fetch = options.fetch ?? globalThis.fetch
  }

  async request(method: string, path: string, value?: object): Promise<Echo> {
    const body = value === undefined ? null : JSON.stringify(value)
    const headers = { 'content-type': 'application/json', 'user-agent': 'acme/1' }
    const response = await this.fetch(this.url + path, { method, headers, body })
    if (!response.ok) throw new AcmeError(response)
    return response.json()
  }
}

export class AcmeError extends Error {
  readonly status: number

  constructor(response: Response) {
    super(`Acme answered ${response.status}.`)
    this.status = response.status
  }
}

/** The API's echo as the `data` of a GraphQL answer. */
function graphql(send: Fetch): Fetch {
  return async (input, init) => {
    const response = await send(input, init)
    if (!response.ok) return response
    return Response.json({ data: await response.json() })
  }
}

const members: readonly Member[] = [
  {
    name: 'undici.fetch',
    open(tokens, url) {
      const bearerFetch = withBearer(undiciFetch, tokens, { origins: url })
      const connection = isSecure(url) ? trustingUndici : {}
      const json = async (path: string, init: { method?: string; body?: string } = {}) => {
        const response = await bearerFetch(url + path, {
          ...connection,
          ...init,
          headers: { 'content-type': 'application/json' },
        })
        if (!response.ok) throw new AcmeError(new Response(null, { status: response.status }))
        return (await response.json()) as Echo
      }
      return {
        read: (path) => json(path),
        write: (path, value) => json(path, { method: 'POST', body: JSON.stringify(value) }),
      }
    },
  },
  {
    name: 'ofetch',
    open(tokens, url) {
      const client = ofetch.create({ baseURL: url }, { fetch: withBearer(fetchFor(url), tokens, { origins: url }) })
      return {
        read: (path) => client<Echo>(path),
        write: (path, value) => client<Echo>(path, { method: 'POST', body: value }),
      }
    },
  },
  {
    name: 'openapi-fetch',
    open(tokens, url) {
      const client = createOpenApiClient<Paths>({
        baseUrl: url,
        fetch: withBearer(fetchFor(url), tokens, { origins: url }),
      })
      const params = (path: string) => ({ path: { path: path.slice(1) } })
      const unpack = ({ data, response }: { data?: Echo; response: Response }) => {
        if (data === undefined) throw new AcmeError(response)
        return data
      }
      return {
        read: async (path) => unpack(await client.GET('/{path}', { params: params(path) })),
        write: async (path, value) => unpack(await client.POST('/{path}', { params: params(path), body: value })),
      }
    },
  },
  {
    name: 'graphql-request',
    open(tokens, url) {
      const bearerFetch = withBearer(graphql(fetchFor(url)), tokens, { origins: url })
      const client = (path: string) => new GraphQLClient(url + path, { fetch: bearerFetch })
      return {
        read: (path) => client(path).request<Echo>('{ things }'),
        write: (path, value) =>
          client(path).request<Echo>('mutation ($value: Value) { store(value: $value) }', { value }),
      }
    },
  },
  {
    name: 'an SDK with a fetch option',
    open(tokens, url) {
      const client = new AcmeClient({ url, fetch: withBearer(fetchFor(url), tokens, { origins: url }) })
      return {
        read: (path) => client.request('GET', path),
        write: (path, value) => client.request('POST', path, value),
      }
    },
  },
]

export const family: readonly TransportedMember[] = members.flatMap((member) =>
  (['http', 'https'] as const).map((transport) => ({ ...member, name: `${member.name} over ${transport}`, transport })),
)
