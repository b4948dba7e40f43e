/** The names of RFC 6749 section 5.1 and of the credential file, by how other programs spell them without `_`, `-` and capitals. */
const spellings: Readonly<Record<string, string>> = {
  accesstoken: 'access_token',
  refreshtoken: 'refresh_token',
  tokentype: 'token_type',
  idtoken: 'id_token',
  scope: 'scope',
  scopes: 'scope',
  expiresin: 'expires_in',
  obtainedat: 'obtained_at',
  expiresat: 'expires_at',
  expires: 'expires_at',
  expiration: 'expires_at',
  expirationdate: 'expires_at',
  expirytime: 'expires_at',
}
/** Names that the credential file understands as they are. */
const native: ReadonlySet<string> = new Set(['expiry', 'expiry_date', 'expires_on', ...Object.values(spellings)])

/** How an object names what the credential file names otherwise: by its own name, ours. */
export type Renames = Readonly<Record<string, string>>

/** @param given Names that the user has told, which count before those that are known: ours by theirs. */
export function renamesOf(object: Readonly<Record<string, unknown>>, given: Renames = {}): Renames {
  const renames = new Map<string, string>()
  for (const name of Object.keys(object)) {
    const ours = given[name] ?? (native.has(name) ? undefined : ourName(name, object))
    const isTaken = ours === undefined || Object.hasOwn(object, ours) || [...renames.values()].includes(ours)
    if (!isTaken && ours !== name) renames.set(name, ours)
  }
  return Object.fromEntries(renames)
}

function ourName(name: string, object: Readonly<Record<string, unknown>>): string | undefined {
  const plain = name.toLowerCase().replace(/[_-]/g, '')
  // Anything may be called "token"; beside a refresh token it is the access token.
  if (plain === 'token')
    return Object.keys(object).some((other) => /^refresh[_-]?token$/i.test(other)) ? 'access_token' : undefined
  return Object.hasOwn(spellings, plain) ? spellings[plain] : undefined
}

/** The same object under our names; what has no other name stays as it is, in its place. */
export function renamed(object: Readonly<Record<string, unknown>>, renames: Renames): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const ours = Object.hasOwn(renames, name) ? renames[name] : undefined
      return [ours ?? name, value]
    }),
  )
}
