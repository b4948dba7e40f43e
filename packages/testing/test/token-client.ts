import type { AuthorizationServer } from '@tokenflight/testing'

export interface WireAnswer {
  status: number
  headers: Headers
  text: string
  /** The body as a JSON object; empty where it is none. */
  body: Record<string, unknown>
}

/** One POST to the token endpoint, as a client would send it. */
export async function postToken(
  server: Pick<AuthorizationServer, 'tokenEndpoint'>,
  parameters: Record<string, string>,
  init: RequestInit = {},
): Promise<WireAnswer> {
  return await read(
    await fetch(server.tokenEndpoint, { method: 'POST', body: new URLSearchParams(parameters), ...init }),
  )
}

export async function refresh(
  server: Pick<AuthorizationServer, 'tokenEndpoint'>,
  refreshToken: unknown,
  parameters: Record<string, string> = {},
  init: RequestInit = {},
): Promise<WireAnswer> {
  const all = { grant_type: 'refresh_token', client_id: 'app', refresh_token: String(refreshToken), ...parameters }
  return await postToken(server, all, init)
}

export async function read(answer: Response): Promise<WireAnswer> {
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, body: parseObject(text) }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
  } catch {
    return {}
  }
}
