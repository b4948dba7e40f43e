import { candidates, fields, isObject } from './error-code.ts'
import { checkProfile } from './providers/check-profile.ts'
import { namedProvider } from './providers/named-provider.ts'
import type { ProviderProfile, RejectionRow } from './providers/provider-profile.ts'
import type { ProviderName } from './providers/providers.ts'

/**
 * For the option `isRejected` of every adapter: whether an answer is one of the provider's own ways, next to 401, to refuse an access
 * token. A body is looked at only where the status is one that the provider does it with; of a fetch Response, only a copy of at
 * most 64 KiB of JSON or XML.
 *
 * @throws TokenError `invalid_option`
 */
export function rejectionOf(
  provider: ProviderName | ProviderProfile,
): (response: object) => boolean | Promise<boolean> {
  const { rejections = [] } = checkProfile({ provider }, namedProvider) ?? {}
  return (response) => {
    // `status` of fetch, ky and axios; `statusCode` of got.
    const { status, statusCode = status, data, body = data } = properties(response)
    const rows = rejections.filter((row) => row.status === statusCode)
    if (rows.length === 0) return false
    const refuses = (content: unknown) => rows.some((row) => fits(row, content))
    return isFetched(response) ? readCopy(response).then(refuses) : refuses(content(body))
  }
}

const most = 64 * 1024

interface Properties {
  status?: unknown
  statusCode?: unknown
  data?: unknown
  body?: unknown
}
const properties = (response: Properties): Properties => response

/** By shape: every fetch has a Response class of its own. */
function isFetched(response: object): response is Response {
  return 'clone' in response && typeof response.clone === 'function' && 'headers' in response
}

/** Never rejects: an answer that cannot be read is the caller's to find out about. */
async function readCopy(response: Response): Promise<unknown> {
  const { headers, bodyUsed } = response
  // An answer without an end (an event stream) must not be waited for.
  if (bodyUsed || !/\b(?:json|xml)\b/i.test(headers.get('content-type') ?? '')) return undefined
  if (Number(headers.get('content-length') ?? 0) > most) return undefined
  try {
    const copy = response.clone()
    if (typeof copy.body?.getReader !== 'function') return content(await copy.text())
    const reader = copy.body.getReader()
    const decoder = new TextDecoder()
    let text = ''
    for (let size = 0; ; ) {
      const { done, value } = await reader.read()
      if (done) return content(text + decoder.decode())
      size += value.byteLength
      if (size > most) {
        // Of two branches the first to be cancelled waits for the other: nobody may wait for it here.
        reader.cancel().catch(() => {})
        return undefined
      }
      text += decoder.decode(value, { stream: true })
    }
  } catch {
    return undefined
  }
}

/** A body as the client has it: text, bytes, or parsed. JSON is parsed. */
function content(body: unknown): unknown {
  const bytes = body instanceof ArrayBuffer ? new Uint8Array(body) : body
  const text = bytes instanceof Uint8Array ? (bytes.byteLength > most ? '' : new TextDecoder().decode(bytes)) : bytes
  if (typeof text !== 'string') return text
  if (text.length > most) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function fits({ status, codes = [], text }: RejectionRow, content: unknown): boolean {
  if (typeof content === 'string') return text !== undefined && content.includes(text)
  // A success of Slack's says so; what else it holds is somebody's data.
  if (status < 300 && (!isObject(content) || fields(content)['ok'] === true)) return false
  return candidates(content).some((code) => typeof code === 'string' && codes.includes(code))
}
