import type { ApiRequest, AuthorizationServer, TokenRequest } from '@tokenflight/testing'
import type { Style, Terminal } from '../terminal.ts'

/** One request that has come to its end. No token is in it. */
export interface Entry {
  /** ISO 8601. */
  time: string
  kind: 'token' | 'api'
  /** By its own account. */
  client: string
  /** Which of the tokens of a grant was presented: 1 for the one of the sign-in. */
  generation?: number
  grant?: string
  /** Of a token request: what became of it. Of an API call: the method and path. */
  what: string
  status?: number
  alive?: boolean
}

export interface Journal {
  tokenRequest(request: TokenRequest): void
  apiRequest(request: ApiRequest): void
  line(entry: Entry, terminal: Terminal): string
  /** The last words. */
  sum(terminal: Terminal): string
}

/** Tells every request once, at its end. */
export function createJournal(server: AuthorizationServer, tell: (entry: Entry) => void): Journal {
  const told = new WeakSet<object>()
  /** Ordinal numbers of the tokens of a grant; they are never shown themselves. */
  const numberOf = (token: string | undefined): { generation?: number; grant?: string } => {
    const grant = token === undefined ? undefined : server.state().grants.find(({ id }) => id === server.grantOf(token))
    const tokens = grant === undefined ? [] : [grant.refreshTokens, grant.accessTokens]
    const index = Math.max(...tokens.map((list) => list.findIndex((one) => one.token === token)))
    return grant === undefined || index < 0 ? {} : { generation: index + 1, grant: grant.id }
  }
  const once = (request: { phase: string }, entry: () => Omit<Entry, 'time'>): void => {
    if (told.has(request) || (request.phase !== 'answered' && request.phase !== 'lost')) return
    told.add(request)
    tell({ time: new Date().toISOString(), ...entry() })
  }
  const grants = new Map<string, boolean>()
  return {
    tokenRequest: (request) =>
      once(request, () => {
        const known = numberOf(request.refreshToken)
        const alive = known.grant === undefined ? undefined : server.isAlive(known.grant)
        if (known.grant !== undefined) grants.set(known.grant, alive === true)
        return {
          kind: 'token',
          client: request.userAgent ?? 'unknown',
          ...known,
          what: `${request.outcome ?? 'not processed'}${request.phase === 'lost' ? ', answer lost' : ''}`,
          ...(request.status === undefined ? {} : { status: request.status }),
          ...(alive === undefined ? {} : { alive }),
        }
      }),
    apiRequest: (request) =>
      once(request, () => ({
        kind: 'api',
        client: request.headers['user-agent'] ?? 'unknown',
        ...numberOf(request.token),
        // A query may hold anything.
        what: `${request.method} ${request.url.split('?')[0]}`,
        ...(request.status === undefined ? {} : { status: request.status }),
      })),
    line: drawLine,
    sum({ paint }) {
      const revoked = [...grants].filter(([, alive]) => !alive).length
      const login = revoked === 0 ? paint('green', 'the login lives') : paint(['red', 'bold'], 'the login is REVOKED')
      const { tokenRequests, replays } = server
      return `\n${tokenRequests} token request${tokenRequests === 1 ? '' : 's'}, ${replays} of a spent refresh token; ${login}.`
    },
  }
}

function drawLine({ time, kind, client, generation, grant, what, status, alive }: Entry, { paint }: Terminal): string {
  const token =
    generation === undefined ? 'no known token' : `${kind === 'token' ? 'refresh' : 'access'} token ${generation}`
  const style: Style = status === undefined || status >= 400 ? 'red' : kind === 'token' ? 'green' : 'dim'
  const end = alive === false ? paint(['red', 'bold'], `  ${grant} is REVOKED`) : ''
  const who = client.length > 24 ? `${client.slice(0, 23)}~` : client
  // The client names itself: nothing of it may move the cursor.
  const clean = who.replace(/[^\x20-\x7e]/g, '?')
  return `${paint('dim', time.slice(11, 23))}  ${kind.padEnd(5)}  ${clean.padEnd(24)}  ${token.padEnd(17)}  ${paint(style, `${what}${status === undefined ? '' : ` ${status}`}`)}${end}`
}
