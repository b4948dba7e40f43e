import { Readable } from 'node:stream'
import { type Got, HTTPError, type Method } from 'got'
import type { PeerCall } from '../library.ts'

export async function sendWithGot(client: Got, call: PeerCall): Promise<{ status: number }> {
  const { url, method = 'GET', body, stream, signal } = call
  const sent = stream && body !== undefined ? Readable.from([Buffer.from(body)]) : body
  try {
    const response = await client(url, {
      method: method as Method,
      ...(sent !== undefined && { body: sent }),
      ...(signal !== undefined && { signal }),
    })
    return { status: response.statusCode }
  } catch (error) {
    if (error instanceof HTTPError) return { status: error.response.statusCode }
    throw error
  }
}
