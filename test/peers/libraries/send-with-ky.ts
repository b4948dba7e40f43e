import { isHTTPError, type KyInstance } from 'ky'
import { fetchInit, type PeerCall } from '../library.ts'

export async function sendWithKy(client: KyInstance, call: PeerCall): Promise<{ status: number }> {
  try {
    const response = await client(call.url, fetchInit(call))
    await response.arrayBuffer()
    return response
  } catch (error) {
    if (isHTTPError(error)) return error.response
    throw error
  }
}
