/** One way of sharing a credential between processes. */
export interface Way {
  /** A usable access token; not the one that the API refused. */
  token(rejected?: string, resource?: string): Promise<string>
  /** The API, called with the credential; a refused token is refreshed and the call repeated once. */
  fetch(url: string): Promise<Response>
}

/** What the ways that are not ours have in common: an answer of 401 has the token refreshed and the call repeated, once. */
export function replayOnce(token: Way['token']): Way['fetch'] {
  return async (url) => {
    const send = (bearer: string): Promise<Response> => fetch(url, { headers: { authorization: `Bearer ${bearer}` } })
    const first = await token()
    const answer = await send(first)
    if (answer.status !== 401) return answer
    await answer.body?.cancel()
    return send(await token(first))
  }
}

/** The token endpoint's answer to a refresh token (RFC 6749 section 6). */
export interface Answer {
  access_token: string
  refresh_token?: string
  expires_in?: number
}

/** One refresh, as it stands in every tutorial. */
export async function requestTokens(
  { tokenEndpoint, clientId }: { tokenEndpoint: string; clientId: string },
  refreshToken: string | undefined,
): Promise<Answer> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId })
  if (refreshToken !== undefined) body.set('refresh_token', refreshToken)
  const response = await fetch(tokenEndpoint, { method: 'POST', body })
  const answer: unknown = await response.json().catch(() => undefined)
  if (typeof answer === 'object' && answer !== null) {
    if ('access_token' in answer && typeof answer.access_token === 'string') return answer as Answer
    if ('error' in answer) throw Object.assign(new Error('the refresh was refused'), { code: String(answer.error) })
  }
  throw Object.assign(new Error(`the token endpoint answered ${response.status}`), { code: 'no_answer' })
}
