import { isReplayable } from '@tokenflight/core'
import type { BearerRequestInit, BearerRequestOptions } from './with-bearer.ts'

/** What fetch was called with, read once, before anything is awaited: callers may change their objects afterwards. */
export interface FetchCall {
  /** What to call fetch with: the Request itself, or a copy of the URL. */
  input: string | URL | Request
  url: string | URL
  method: string
  /** A copy, to hold the token: of a plain object another one, which costs less than `Headers` here and in fetch. */
  headers: Headers | Record<string, string>
  hasCredentials: boolean
  bearer: BearerRequestInit['bearer']
  signal: AbortSignal | null | undefined
  /** The caller's init with `headers` in it; every key stays, also those that fetch does not know. */
  init: BearerRequestInit
  /** The body comes from this Request, which can be read once. */
  bodySource: Request | undefined
  /** The body can be sent twice, or `replayBody` makes another. */
  replayable: boolean
  replayBody: BearerRequestOptions['replayBody']
}

export function readCall(input: string | URL | Request, init: BearerRequestInit | undefined): FetchCall {
  const request = isRequest(input) ? input : undefined
  const url = resolve(isRequest(input) ? input.url : input)
  const headers = copyHeaders(init?.headers ?? request?.headers ?? {})
  // Some clients copy the options they do not know onto the Request.
  const bearer = init?.bearer ?? (request as { bearer?: BearerRequestInit['bearer'] } | undefined)?.bearer
  const { replay, replayBody } = bearer || {}
  const method = init?.method ?? request?.method ?? 'GET'
  const given = init?.body ?? undefined
  const bodySource = given === undefined && request !== undefined && hasBody(request) ? request : undefined
  return {
    input: request ?? (input instanceof URL ? url : input),
    url,
    method,
    headers,
    hasCredentials: hasCredentials(headers),
    bearer,
    signal: init?.signal === undefined ? request?.signal : init.signal,
    init: request === undefined ? { ...ownInit(init), headers } : { ...referrerOf(request), ...ownInit(init), headers },
    bodySource,
    replayable: replay !== false && (replayBody !== undefined || isReplayable(given)),
    replayBody,
  }
}

function copyHeaders(given: NonNullable<RequestInit['headers']>): FetchCall['headers'] {
  const plain = typeof given === 'object' && !(Symbol.iterator in given)
  return plain ? { ...given } : new Headers(given)
}

function hasCredentials(headers: FetchCall['headers']): boolean {
  if (headers instanceof Headers) return headers.has('authorization') || headers.has('dpop')
  return Object.keys(headers).some((name) => /^(authorization|dpop)$/i.test(name))
}

/** By shape: other fetch implementations have a Request class of their own. */
function isRequest(input: string | URL | Request): input is Request {
  return typeof input === 'object' && input !== null && 'url' in input && 'headers' in input
}

/** With any init, fetch forgets what a Request says of its referrer (Fetch Standard, Request constructor). */
function referrerOf({ referrer, referrerPolicy }: Request): BearerRequestInit {
  return {
    ...(referrer !== undefined && referrer !== 'about:client' && { referrer }),
    ...(referrerPolicy && { referrerPolicy }),
  }
}

/** Firefox has no `Request.body`; there, a method that may carry a body is taken to. */
function hasBody({ body, method }: Request): boolean {
  return body === undefined ? method !== 'GET' && method !== 'HEAD' : body !== null
}

/**
 * In a document or worker a relative URL is the page's own (Fetch Standard, Request constructor); elsewhere there is no base, and
 * fetch refuses it in its own words.
 */
function resolve(input: string | URL): string | URL {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href
  if (input instanceof URL) return new URL(input)
  if (base === undefined) return String(input)
  return URL.canParse(String(input), base) ? new URL(input, base) : String(input)
}

/** fetch reads inherited keys too (`fetch(url, request)` is a known trick), and a spread would drop them: a POST would become a GET. */
function ownInit(init: BearerRequestInit | undefined): BearerRequestInit | undefined {
  if (init === undefined || init === null) return undefined
  const prototype: unknown = Object.getPrototypeOf(init)
  if (prototype === Object.prototype || prototype === null) return init
  const copy: Record<string, unknown> = {}
  for (const key in init) copy[key] = Reflect.get(init, key)
  return copy
}
