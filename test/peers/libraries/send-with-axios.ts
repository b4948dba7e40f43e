import { Readable } from 'node:stream'
import axios, { type AxiosInstance } from 'axios'
import type { PeerCall } from '../library.ts'

export async function sendWithAxios(client: AxiosInstance, call: PeerCall): Promise<{ status: number }> {
  const { url, method = 'GET', body, stream, signal } = call
  const data = stream && body !== undefined ? Readable.from([Buffer.from(body)]) : body
  try {
    return await client.request({ url, method, ...(data !== undefined && { data }), ...(signal && { signal }) })
  } catch (error) {
    if (axios.isAxiosError(error) && error.response !== undefined) return error.response
    throw error
  }
}
