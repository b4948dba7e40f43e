import type { AttemptHeaders } from './bearer-request.ts'
import { isReplayable } from './replayable.ts'
import type { Followed, ProvenRequest } from './request-proofs.ts'
import { wait } from './single-flight.ts'

/**
 * One request that carries a proof of possession, through its redirects. Left to itself, `fetch` takes the `DPoP` header along to
 * every origin, and on the same one to URLs that the proof does not name. So the hops are made here, by the rules of the Fetch
 * Standard (HTTP-redirect fetch), each with headers of its own; the first one without is `fetch`'s again, and so is the way from there.
 */
export async function followRedirects(request: ProvenRequest): Promise<Followed> {
  const { fetch, input, init } = request
  const given = typeof input === 'object' && 'headers' in input ? input : undefined
  const url = request.url ?? given?.url ?? String(input)
  const authorize = request.authorize ?? ((hop: { url: string }) => sameOrigin(hop.url, url, init.headers))
  const mode = init.redirect ?? given?.redirect ?? 'follow'
  if (mode !== 'follow') return { answer: await fetch(input, init), redirects: [] }

  const headers = new Headers(init.headers)
  // A Request can be read once, and a hop may need its body again.
  const spare = init.body == null && given?.body ? given.clone() : undefined
  let method = request.method ?? given?.method ?? 'GET'
  let carriesBody = spare !== undefined || init.body != null
  const signal = init.signal === undefined ? given?.signal : init.signal
  let bytes: Promise<ArrayBuffer> | undefined
  let from = new URL(url)
  const redirects: string[] = []
  try {
    let answer = await fetch(input, { ...init, redirect: 'manual' })
    for (;;) {
      if (answer.type === 'opaqueredirect') return await followUnseen({ ...request, url, method, authorize })
      const to = targetOf(answer, from)
      if (to === undefined) return { answer: redirects.length > 0 ? redirected(answer) : answer, redirects }
      answer.body?.cancel().catch(() => {})
      if (redirects.length === 20) throw failed('there were more than 20 redirects')
      if (becomesGet(answer.status, method)) {
        method = 'GET'
        carriesBody = false
        for (const name of bodyHeaders) headers.delete(name)
      }
      if (carriesBody && !isReplayable(init.body)) throw failed('a body that can be sent once was redirected')
      redirects.push(to.href)
      const granted = await authorize({ url: to.href, method })
      for (const name of granted === undefined ? ownHeaders : ['authorization', 'dpop']) headers.delete(name)
      for (const [name, value] of Object.entries(granted ?? {})) headers.set(name, value)
      // In memory already, and as bytes of a known length: a stream would be sent in chunks, which some servers refuse.
      if (carriesBody && spare !== undefined) bytes ??= spare.arrayBuffer()
      const body = carriesBody ? (bytes ? await wait(bytes, signal ?? undefined) : (init.body ?? null)) : null
      const next = { ...fieldsOf(given), ...init, signal: signal ?? null, method, headers, body, duplex: 'half' }
      if (granted === undefined) {
        answer = await fetch(to.href, { ...next, redirect: 'follow' })
        return { answer: redirected(answer), redirects: [...redirects, answer.url] }
      }
      answer = await fetch(to.href, { ...next, redirect: 'manual' })
      from = to
    }
  } finally {
    if (bytes === undefined) spare?.body?.cancel().catch(() => {})
  }
}

/**
 * A browser tells nobody where a redirect leads and follows it with the headers that it was given. What can be sent twice is sent
 * again that way; the proof then names the first URL only.
 */
async function followUnseen(request: Required<ProvenRequest>): Promise<Followed> {
  const { fetch, input, init, url, method, authorize } = request
  if (!/^(get|head)$/i.test(method)) {
    throw failed(`a ${method} with a DPoP proof, which is good for one URL (RFC 9449 section 4.2), was redirected`)
  }
  const headers = new Headers(init.headers)
  for (const [name, value] of Object.entries((await authorize({ url: String(url), method })) ?? {}))
    headers.set(name, value)
  const answer = await fetch(input, { ...init, headers })
  return { answer, redirects: answer.redirected ? [answer.url] : [] }
}

/** The headers that the first hop was given. */
function sameOrigin(hop: string, url: string | URL, headers: Headers): AttemptHeaders | undefined {
  if (new URL(hop).origin !== new URL(url).origin) return undefined
  return { authorization: headers.get('authorization') ?? '', dpop: headers.get('dpop') ?? '' }
}

const bodyHeaders = ['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type']
/** What goes to no other origin. */
const ownHeaders = ['authorization', 'dpop', 'cookie', 'host', 'proxy-authorization']

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return !/^(get|head)$/i.test(method)
  return (status === 301 || status === 302) && /^post$/i.test(method)
}

/** Where a redirect leads; undefined where the answer is none. */
function targetOf({ status, headers }: Response, from: URL): URL | undefined {
  const location = [301, 302, 303, 307, 308].includes(status) ? headers.get('location') : null
  if (location === null) return undefined
  const reference = asUtf8(location)
  const to = URL.canParse(reference, from) ? new URL(reference, from) : undefined
  if (to === undefined || !/^https?:$/.test(to.protocol)) throw failed('it was redirected to what is no http URL')
  // The words of fetch would show them.
  if (to.username !== '' || to.password !== '') throw failed('it was redirected to a URL with credentials in it')
  if (to.hash === '') to.hash = from.hash
  return to
}

/** A header's value has a character for each byte, and servers write URLs in UTF-8. */
function asUtf8(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/^[\x00-\x7f]*$/.test(value)) return value
  return new TextDecoder().decode(Uint8Array.from(value, (character) => character.charCodeAt(0)))
}

/** What a fetch would have said itself. */
function redirected(answer: Response): Response {
  return Object.defineProperty(answer, 'redirected', { value: true, configurable: true })
}

/** A network error, in the words of fetch. */
function failed(why: string): TypeError {
  return new TypeError('fetch failed', { cause: new Error(why) })
}

/** A Request's own settings, for hops to other URLs. */
function fieldsOf(request: Request | undefined): RequestInit {
  if (request === undefined) return {}
  const { credentials, mode, cache, referrer, referrerPolicy, integrity, keepalive } = request
  return { credentials, mode, cache, referrer, referrerPolicy, integrity, keepalive }
}
