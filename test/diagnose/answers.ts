import { type AuthorizationServer, type Fault, startAuthorizationServer } from '@tokenflight/testing'

export interface Answer {
  status: number
  /** `error` and `error_description` of the answer, as a client would log them. */
  error?: string
  description?: string
}

/** What a strict authorization server says: asked, not made up. */
export interface Answers {
  winner: Answer
  loser: Answer
  afterwards: Answer
  expired: Answer
  client: Answer
  throttled: Answer
  outage: Answer
}

/** Sends what clients send to the simulator and notes its answers. */
export async function collectAnswers(): Promise<Answers> {
  const server = await startAuthorizationServer({ clients: { app: {}, shop: { secrets: ['the right secret'] } } })
  try {
    const { refresh_token: first = '' } = await server.signIn({ clientId: 'app' })
    const won = await redeem(server, first)
    const loser = await redeem(server, first)
    const afterwards = await redeem(server, won.refreshToken)
    const faulty = async (fault: Fault): Promise<Answer> => {
      server.next(fault)
      return (await redeem(server, 'anything')).answer
    }
    return {
      winner: won.answer,
      loser: loser.answer,
      afterwards: afterwards.answer,
      expired: (await redeem(server, 'never issued')).answer,
      client: (await redeem(server, 'anything', { client_id: 'shop', client_secret: 'a wrong one' })).answer,
      throttled: await faulty({ fault: 'unavailable', status: 429, retryAfter: 7, error: 'slow_down' }),
      outage: await faulty({ fault: 'unavailable' }),
    }
  } finally {
    await server.close()
  }
}

async function redeem(
  server: AuthorizationServer,
  refreshToken: string,
  client: Record<string, string> = { client_id: 'app' },
): Promise<{ answer: Answer; refreshToken: string }> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, ...client })
  const response = await fetch(server.tokenEndpoint, { method: 'POST', body })
  const text = await response.text()
  const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
  const { error, error_description: description, refresh_token: next } = json
  const answer: Answer = { status: response.status }
  if (typeof error === 'string') answer.error = error
  if (typeof description === 'string') answer.description = description
  return { answer, refreshToken: typeof next === 'string' ? next : '' }
}
