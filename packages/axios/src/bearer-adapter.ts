import { type Authorizer, type BearerRequest, isTokenError } from '@tokenflight/core'
import {
  type AxiosAdapter,
  type AxiosRequestConfig,
  type AxiosResponse,
  getAdapter,
  type InternalAxiosRequestConfig,
} from 'axios'
import { exchange } from './exchange.ts'
import { requestUrl } from './request-url.ts'
import { asAxiosError } from './token-failure.ts'

/** One use of withBearer. */
export interface BearerInstallation {
  readonly authorizer: Authorizer<AxiosResponse<unknown>>
  /** False once ejected: configs of earlier requests still carry our adapter. */
  active: boolean
}

type Given = AxiosRequestConfig['adapter']

/** On our adapters. A map beside them would have an entry for each request, which collectors are slow with. */
const ours: unique symbol = Symbol('tokenflight')

type Ours = AxiosAdapter & { [ours]?: { given: Given; installation: BearerInstallation } }

/** Whether the adapter, or one that it wraps, is of this installation already. */
export function carriesBearer(adapter: Given, installation: BearerInstallation): boolean {
  const wrap = typeof adapter === 'function' ? (adapter as Ours)[ours] : undefined
  return wrap !== undefined && (wrap.installation === installation || carriesBearer(wrap.given, installation))
}

/** A request that has failed so far. */
interface Unfinished {
  bearer: BearerRequest<AxiosResponse<unknown>>
  url: string
  method: string | undefined
}

/**
 * Sends one request with the token. It is made for this request alone: when a retry plugin re-issues the config, the adapter is
 * what stays on it in every version of axios, and so it remembers whether the request was replayed.
 */
export function createBearerAdapter(given: Given, installation: BearerInstallation): AxiosAdapter {
  const send: AxiosAdapter = (config) =>
    typeof given === 'function' ? given(config) : getAdapter(given ?? ['xhr', 'http', 'fetch'], config)(config)
  let unfinished: Unfinished | undefined

  const adapter: Ours = async (config) => {
    const { method } = config
    const url = installation.active ? requestUrl(config) : undefined
    const begun = url === undefined ? undefined : begin(installation, config, url)
    if (url === undefined || begun === undefined) return send(config)
    // The config may also be used again for another request, or for several at once: those begin anew.
    const bearer = unfinished?.url === url && unfinished.method === method ? unfinished.bearer : begun
    unfinished = undefined
    try {
      return await exchange({ config, url, bearer, send })
    } catch (error) {
      unfinished = { bearer, url, method }
      throw error
    }
  }
  adapter[ours] = { given, installation }
  return adapter
}

function begin({ authorizer }: BearerInstallation, config: InternalAxiosRequestConfig, url: string) {
  const { method, auth, headers, bearer } = config
  const hasCredentials = Boolean(auth) || headers.has('Authorization') || headers.has('DPoP')
  try {
    return authorizer.begin({ url, method, hasCredentials, bearer })
  } catch (error) {
    throw isTokenError(error) ? asAxiosError(error, config) : error
  }
}
