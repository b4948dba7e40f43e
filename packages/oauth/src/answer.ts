import { parseHttpDate, parseRetryAfter } from './retry-after.ts'

/** What the token endpoint said, as far as it was received. */
export interface TokenEndpointAnswer {
  status: number
  contentType?: string
  /** Milliseconds, from Retry-After. */
  retryAfter?: number
  /** Epoch milliseconds, from the server's own Date header. */
  date?: number
  body: string
  /** False where the body broke off, or was longer than anybody should read. Default true. */
  complete?: boolean
}

/** Longest body that is read, in bytes. Token responses are a few kilobytes. */
const longestBody = 1024 * 1024

/** Never rejects: from here on a rotated token may be in our hands, and whatever did arrive is worth reading (case R2). */
export async function readAnswer(response: Response): Promise<TokenEndpointAnswer> {
  const { headers, status } = response
  const answer: TokenEndpointAnswer = { status, ...(await readBody(response)) }
  const contentType = headers.get('content-type')
  if (contentType !== null) answer.contentType = contentType
  const date = parseHttpDate(headers.get('date') ?? '')
  if (date !== undefined) answer.date = date
  const retryAfter = parseRetryAfter(headers.get('retry-after'), headers.get('date'), Date.now())
  if (retryAfter !== undefined) answer.retryAfter = retryAfter
  return answer
}

async function readBody(response: Response): Promise<{ body: string; complete: boolean }> {
  if (response.body === null) return { body: '', complete: true }
  const parts: string[] = []
  let complete = false
  try {
    // Some fetch implementations that callers bring have no web streams.
    if (typeof response.body.getReader !== 'function') {
      const text = await response.text()
      return { body: text.slice(0, longestBody), complete: text.length <= longestBody }
    }
    complete = await readStream(response.body.getReader(), parts)
  } catch {
    // Broken off: a reset, or the signal.
  }
  return { body: parts.join(''), complete }
}

/** Whether the stream was read to its end. */
async function readStream(reader: ReadableStreamDefaultReader<Uint8Array>, parts: string[]): Promise<boolean> {
  const decoder = new TextDecoder()
  for (let length = 0; ; ) {
    const { done, value } = await reader.read()
    if (done) {
      parts.push(decoder.decode())
      return true
    }
    length += value.byteLength
    if (length > longestBody) {
      reader.cancel().catch(() => {})
      return false
    }
    parts.push(decoder.decode(value, { stream: true }))
  }
}
