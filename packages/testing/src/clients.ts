/** As registered by IANA (OAuth Token Endpoint Authentication Methods). */
export type ClientAuthenticationMethod = 'none' | 'client_secret_basic' | 'client_secret_post'

export interface ClientRegistration {
  /** Every secret that is valid now; while secrets rotate there are two. None: a public client. */
  secrets?: readonly string[]
  /** When a secret ends, epoch milliseconds by the server's clock. Default: never. */
  secretsEnd?: Readonly<Record<string, number>>
  /** Default: both secret methods where there are secrets, else `none`. */
  methods?: readonly ClientAuthenticationMethod[]
}

/** By client id. Change it while the server runs to rotate secrets. */
export type ClientRegistry = Map<string, ClientRegistration>

export type ClientAuthentication =
  | { ok: true; clientId: string; confidential: boolean; secret?: string }
  | { ok: false; error: 'invalid_client' | 'invalid_request'; description: string; clientId?: string }

/** RFC 6749 section 2.3: one method per request, and the one that was agreed. */
export function authenticateClient(
  clients: ClientRegistry,
  authorization: string | undefined,
  form: URLSearchParams,
  now: number = Date.now(),
): ClientAuthentication {
  const basic = authorization === undefined ? undefined : parseBasic(authorization)
  if (authorization !== undefined && basic === undefined)
    return { ok: false, error: 'invalid_client', description: 'The Authorization header is not a Basic one.' }
  const posted = form.get('client_secret') ?? undefined
  if (basic !== undefined && posted !== undefined)
    return { ok: false, error: 'invalid_request', description: 'More than one client authentication was sent.' }

  const clientId = basic?.clientId ?? form.get('client_id') ?? undefined
  if (clientId === undefined) return { ok: false, error: 'invalid_client', description: 'No client is named.' }
  const failed = (description: string) => ({ ok: false, error: 'invalid_client', description, clientId }) as const
  const client = clients.get(clientId)
  if (client === undefined) return failed('The client is unknown.')

  const { secrets = [] } = client
  const methods = client.methods ?? (secrets.length > 0 ? ['client_secret_basic', 'client_secret_post'] : ['none'])
  const method = basic ? 'client_secret_basic' : posted === undefined ? 'none' : 'client_secret_post'
  if (!methods.includes(method)) return failed(`The client may not authenticate with ${method}.`)
  const secret = basic?.secret ?? posted
  if (secret === undefined) return { ok: true, clientId, confidential: false }
  if (!secrets.includes(secret)) return failed('The client secret is wrong.')
  if (now >= (client.secretsEnd?.[secret] ?? Number.POSITIVE_INFINITY)) return failed('The client secret has ended.')
  return { ok: true, clientId, confidential: true, secret }
}

function parseBasic(authorization: string): { clientId: string; secret: string } | undefined {
  const encoded = /^basic +([^ ]+)$/i.exec(authorization)?.[1]
  if (encoded === undefined) return undefined
  const [clientId, ...secret] = decodeBase64(encoded).split(':')
  if (clientId === undefined || secret.length === 0) return undefined
  return { clientId: formDecode(clientId), secret: formDecode(secret.join(':')) }
}

/** Empty where it is not Base64. */
function decodeBase64(encoded: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(encoded), (byte) => byte.charCodeAt(0)))
  } catch {
    return ''
  }
}

/** RFC 6749 section 2.3.1: both halves are form-encoded before they are joined. */
function formDecode(text: string): string {
  return new URLSearchParams(`v=${text.replaceAll('&', '%26')}`).get('v') ?? ''
}
