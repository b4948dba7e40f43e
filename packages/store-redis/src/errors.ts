import { isTokenError, TokenError } from '@tokenflight/core'

/** What to do, by the first word of what Redis answered or by the system's code. */
const advice: Readonly<Record<string, string>> = {
  CLUSTERDOWN: 'The cluster has lost nodes. Bring them back.',
  ECONNREFUSED: 'Nothing listens there. Start Redis, or correct the address that the client was given.',
  LOADING: 'It has just started and still reads its data. Try again.',
  MASTERDOWN: 'This replica has lost its primary. Connect the client to the primary.',
  MISCONF: 'It cannot save to its disk and refuses writes until it can. Look at its log.',
  NOAUTH: 'Give the client a user name and a password.',
  NOPERM: 'Allow the user the commands, keys and channels that the README of @tokenflight/store-redis lists.',
  NOREPLICAS: 'It has fewer replicas than `min-replicas-to-write` asks for. Bring them back.',
  OOM: 'It is full. Raise `maxmemory`, or remove other data.',
  READONLY: 'This is a replica. Connect the client to the primary; after a failover it may need a moment to find it.',
  WRONGPASS: 'Correct the user name and the password that the client was given.',
}

const general = 'See the cause for what it said, and check that the client is connected.'

/** Whatever a client threw, as `store_failed`. */
export function storeFailed(verb: 'read' | 'write', name: string, thrown: unknown): TokenError {
  if (isTokenError(thrown)) return thrown
  const cause = causeOf(thrown)
  const code = cause.code ?? (cause.message.slice(0, 100) || 'no answer')
  if (code === 'WRONGTYPE') return storeCorrupt(name, 'is not a hash')
  return new TokenError(
    'store_failed',
    `Could not ${verb} the credential ${name} in Redis (${code}). ${advice[code] ?? general}`,
    { cause },
  )
}

export function storeCorrupt(name: string, what: string): TokenError {
  return new TokenError(
    'store_corrupt',
    `The Redis key ${name} ${what}. It was left untouched: remove it, then sign in again; or choose another \`prefix\`.`,
  )
}

export function invalidOption(message: string): TokenError {
  return new TokenError('invalid_option', message)
}

/**
 * A copy with the words only. Clients hang the whole command on their errors, tokens and all, and Redis repeats the arguments of a command
 * that it does not know.
 */
function causeOf(thrown: unknown): Error & { code?: string } {
  const { name, message, code }: { name?: unknown; message?: unknown; code?: unknown } =
    typeof thrown === 'object' && thrown !== null ? thrown : { message: thrown }
  const text = String(message ?? '').replace(/,? with args beginning with.*/s, '')
  const cause: Error & { code?: string } = new Error(text)
  if (typeof name === 'string') Object.defineProperty(cause, 'name', { value: name, configurable: true })
  const word = typeof code === 'string' ? code : /^[A-Z][A-Z0-9_]+(?= |$)/.exec(text)?.[0]
  if (word !== undefined) cause.code = word
  return cause
}

export function isNoScript(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.startsWith('NOSCRIPT')
}
