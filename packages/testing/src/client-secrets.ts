import type { ClientRegistry } from './clients.ts'
import type { TokenRegistry } from './token-registry.ts'

export interface RotateSecretOptions {
  /** Default: the first client. */
  clientId?: string
  /** Milliseconds of the server's clock during which the earlier secrets stay valid. Default: until they are killed. */
  overlap?: number
}

export interface KillSecretOptions {
  /** Default: the first client. */
  clientId?: string
  /** Whether the access tokens that were issued to it end with it. Default false. */
  revokeTokens?: boolean
}

/** How client secrets come and go while the server runs, and what was issued to whom. */
export interface ClientSecrets {
  rotate(secret: string, options?: RotateSecretOptions): void
  kill(secret: string, options?: KillSecretOptions): void
  /** Notes which secret an access token was issued to. */
  issued(accessToken: string, secret: string | undefined): void
}

export function createClientSecrets(
  clients: ClientRegistry,
  registry: Pick<TokenRegistry, 'accessTokens'>,
  clock: () => number,
): ClientSecrets {
  const issuedTo = new Map<string, string>()

  const find = (clientId = clients.keys().next().value ?? 'app') => {
    const registration = clients.get(clientId)
    if (registration === undefined) throw new Error(`There is no client "${clientId}".`)
    return { clientId, registration }
  }

  return {
    rotate(secret, { overlap = Number.POSITIVE_INFINITY, ...options } = {}) {
      const { clientId, registration } = find(options.clientId)
      const { secrets = [], secretsEnd = {} } = registration
      const ends = secrets.map((earlier) => [earlier, Math.min(secretsEnd[earlier] ?? Infinity, clock() + overlap)])
      clients.set(clientId, {
        ...registration,
        secrets: [secret, ...secrets.filter((earlier) => earlier !== secret)],
        secretsEnd: { ...Object.fromEntries(ends), [secret]: Number.POSITIVE_INFINITY },
      })
    },
    kill(secret, { revokeTokens = false, ...options } = {}) {
      const { clientId, registration } = find(options.clientId)
      clients.set(clientId, {
        ...registration,
        // None left is not the same as none at all: a public client.
        methods: registration.methods ?? ['client_secret_basic', 'client_secret_post'],
        secrets: (registration.secrets ?? []).filter((kept) => kept !== secret),
      })
      if (!revokeTokens) return
      for (const access of registry.accessTokens.values())
        if (access.clientId === clientId && issuedTo.get(access.token) === secret) access.revoked = true
    },
    issued(accessToken, secret) {
      if (secret !== undefined) issuedTo.set(accessToken, secret)
    },
  }
}
