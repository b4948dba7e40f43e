import type { BearerRequest } from '@tokenflight/core'
import type { AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios'
import { requestUrlWithParams } from './request-url.ts'

/** Every known URL that the request was redirected to; undefined where nobody can know whether it was. */
export type RedirectsOf = (response: AxiosResponse) => readonly string[] | undefined

type Follow = BearerRequest<unknown>['follow']

/** Who may be asked to follow a request that carries a proof: any such request brought it along. */
let followProof: Follow

/**
 * Makes the redirects of one sending visible: by a hook for the http adapter, by a fetch for the fetch adapter.
 *
 * @param sent The config that is about to be sent, our own.
 * @param url Absolute, where the request goes.
 * @param follow Where it carries a proof.
 */
export function watchRedirects(sent: InternalAxiosRequestConfig, url: string, follow: Follow): RedirectsOf {
  followProof ??= follow
  const { beforeRedirect, env } = sent
  let hops: string[] | undefined
  const given = env?.fetch ?? (typeof fetch === 'function' ? globalFetch : undefined)
  if (given) sent.env = { ...env, fetch: watchFetch(given) }
  sent.beforeRedirect = (options, ...details) => {
    const { href, headers } = options
    hops = [...(hops ?? []), href]
    // Older versions of axios leave `Authorization` on for subdomains, and every version leaves `DPoP`.
    if (new URL(href).origin !== new URL(url).origin) removeOurs(headers)
    beforeRedirect?.(options, ...details)
  }
  return (response) => hops ?? landing(response, sent, url)
}

/** Where the answer came from, if not from where the request went, for what does not call `beforeRedirect`. */
function landing(
  response: AxiosResponse,
  config: InternalAxiosRequestConfig,
  url: string,
): readonly string[] | undefined {
  const request: unknown = response.request
  if (typeof request !== 'object' || request === null) return []
  const seen = followed.get(request)
  if (seen !== undefined) return seen
  // A `Request` that no watch saw: before 1.12 the fetch adapter takes no fetch.
  if (typeof Request === 'function' && request instanceof Request) return undefined
  // The xhr adapter, and an application's own transport for the http adapter.
  const landed: unknown =
    Reflect.get(request, 'responseURL') || (config.transport && Reflect.get(request, 'res')?.responseUrl)
  return typeof landed === 'string' && !isSame(landed, requestUrlWithParams(url, config)) ? [landed] : []
}

function isSame(landed: string, asked: string): boolean {
  const [from, to] = [asked, landed].map((url) => (URL.canParse(url) ? new URL(url) : undefined))
  // Answers do not name the fragment.
  return to === undefined || (from?.origin === to.origin && from.pathname === to.pathname && from.search === to.search)
}

function removeOurs(headers: Record<string, unknown>): void {
  for (const name of Object.keys(headers)) if (/^(authorization|dpop)$/i.test(name)) delete headers[name]
}

type Fetch = NonNullable<NonNullable<AxiosRequestConfig['env']>['fetch']>

/** By the `Request`, which is the response's `request`: the fetch adapter's own answer does not tell. */
const followed = new WeakMap<object, readonly string[]>()
const watches = new WeakMap<Fetch, Fetch>()
const globalFetch: Fetch = (input, init) => fetch(input, init)

/** One for every fetch there is: the adapter keeps a copy of itself for each, for good. */
function watchFetch(given: Fetch): Fetch {
  const known = watches.get(given)
  if (known !== undefined) return known
  const watch: Fetch = async (input, init) => {
    if (followProof && input instanceof Request && input.headers.has('dpop')) {
      // As the http adapter does it: the headers stay for the hops of the first origin, and come off with the first that leaves it.
      const headers = new Headers(input.headers)
      const { answer, redirects } = await followProof({ fetch: given, input, init: { ...init, headers } })
      followed.set(input, redirects)
      return answer
    }
    const response = await given(input, init)
    if (typeof input === 'object') followed.set(input, response.redirected ? [response.url] : [])
    return response
  }
  watches.set(given, watch)
  return watch
}
