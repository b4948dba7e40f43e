import { type Answer, json } from './answer.ts'
import type { AuthorizationServer } from './authorization-server.ts'
import { type Endpoint, textOf } from './exchange.ts'
import { type Fault, isFault } from './faults.ts'

/** What the simulator can be told over HTTP, by processes that know its URL alone: the last part of `/_simulator/…`. */
const commands: Record<string, (server: AuthorizationServer, body: unknown) => unknown> = {
  state: (server) => server.state(),
  'sign-in': (server, body) => server.signIn(object(body)),
  script: (server, body) => server.script(faults(body)),
  configure: (server, body) => server.configure(object(body)),
  'release-hangs': (server) => server.releaseHangs(),
  expire: (server, body) => server.expireAccessTokens(text(object(body), 'grantId')),
  'revoke-grant': (server, body) => server.revokeGrant(text(object(body), 'grantId') ?? ''),
  'revoke-access-token': (server, body) => server.revokeAccessToken(text(object(body), 'token') ?? ''),
  'rotate-secret': (server, body) => {
    const { overlap } = object(body)
    const options = typeof overlap === 'number' ? { overlap, ...client(body) } : client(body)
    server.rotateSecret(text(object(body), 'secret') ?? '', options)
  },
  'kill-secret': (server, body) => {
    const { revokeTokens } = object(body)
    server.killSecret(text(object(body), 'secret') ?? '', { revokeTokens: revokeTokens === true, ...client(body) })
  },
  introspect: (server, body) => server.introspect(text(object(body), 'token') ?? ''),
}

/** GET or POST with a JSON body; answers JSON, or 400 with `{ error }` in words. */
export function createAdmin(server: AuthorizationServer): Endpoint {
  return async (exchange) => {
    const body = textOf(await exchange.readBody())
    const name = new URL(exchange.url, 'http://simulator').pathname.slice('/_simulator/'.length)
    await exchange.send(await run(server, name, body))
  }
}

async function run(server: AuthorizationServer, name: string, body: string): Promise<Answer> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined)
    return json(404, { error: `No such command. There are: ${Object.keys(commands).join(', ')}` })
  try {
    return json(200, (await command(server, body === '' ? {} : JSON.parse(body))) ?? {})
  } catch (error) {
    return json(400, { error: String(error) })
  }
}

function object(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Error('The body must be a JSON object.')
  return { ...body }
}

function client(body: unknown): { clientId?: string } {
  const clientId = text(object(body), 'clientId')
  return clientId === undefined ? {} : { clientId }
}

function faults(body: unknown): Fault[] {
  if (!Array.isArray(body) || !body.every(isFault)) throw new Error('The body must be a JSON array of faults.')
  return body
}

function text(body: Record<string, unknown>, name: string): string | undefined {
  const value = body[name]
  if (value !== undefined && typeof value !== 'string') throw new Error(`${name} must be a string.`)
  return value
}
