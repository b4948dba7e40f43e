import { Axios, type AxiosRequestConfig } from 'axios'

/** Without defaults, since an application may have set some on `axios` itself. */
const resolver = new Axios({})

/**
 * Where axios will send the request, absolute: its own reading of `baseURL`, `url` and `allowAbsoluteUrls`, whose rules differ
 * between versions. Without `params`, which never change the origin. Undefined where axios cannot read the URL; it says so itself.
 */
export function requestUrl({ baseURL, url, allowAbsoluteUrls }: AxiosRequestConfig): string | undefined {
  // As it is mostly written, which every version reads alike: theirs costs as much as setting up a whole request.
  if (typeof url === 'string' && /^\/(?![/\\])/.test(url) && /^https?:\/\/.*[^/]$/i.test(baseURL ?? ''))
    return baseURL + url
  try {
    const given = {
      ...(baseURL && { baseURL }),
      ...(url && { url: String(url) }),
      ...(allowAbsoluteUrls !== undefined && { allowAbsoluteUrls }),
    }
    return absoluteUrl(resolver.getUri(given))
  } catch {
    return undefined
  }
}

/** The same with `params`, as a request's answer names it. */
export function requestUrlWithParams(url: string, { params, paramsSerializer }: AxiosRequestConfig): string {
  return resolver.getUri({ url, ...(params && { params }), ...(paramsSerializer && { paramsSerializer }) })
}

/** A relative URL is the page's own in a document or worker; elsewhere there is no base, and it stays as it is. */
export function absoluteUrl(url: string): string {
  if (URL.canParse(url)) return url
  const base = globalThis.document?.baseURI ?? globalThis.location?.href
  return base !== undefined && URL.canParse(url, base) ? new URL(url, base).href : url
}
