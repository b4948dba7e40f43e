import type { FindingKind, Layer } from './finding.ts'

/** What a finding is called, what it means, and what to do about it. */
export interface Advice {
  title: string
  meaning: string
  steps: string[]
}

const share = 'Let all callers share one refresh: createTokenManager() of tokenflight around one store.'
const raceSteps: Record<Layer, string[]> = {
  'in-process': [
    'The callers are in one process: one shared refresh in memory ends it. createTokenManager() is that; withBearer() puts it in front of fetch, axios, got or ky.',
  ],
  'cross-process': [
    'The callers are in several processes on one host: a lock or promise in memory cannot help. Share one credential file: createTokenManager({ store: fileStore(path), ... }) in each process.',
  ],
  'cross-machine': [
    'The callers are on several hosts: share one record that can be compared and set. createTokenManager({ store: redisStore(client) or postgresStore(pool), ... }) on each.',
  ],
  persistence: [share],
  configuration: [share],
  'authorization-server': [share],
  unknown: [
    `${share} memoryStore() is enough within one process, fileStore() on one host, redisStore() or postgresStore() for several.`,
    'The lines do not tell where the callers are. Log the process id and the host name, and this report will.',
  ],
}

const advices: Record<Exclude<FindingKind, 'refresh_race'>, Advice> = {
  family_revoked: {
    title: 'Login revoked after a refresh token was used twice',
    meaning:
      'The authorization server saw a spent refresh token again, took it for theft and ended the login (RFC 9700 section 4.14.2).',
    steps: [
      'The user has to sign in again: no retry brings this login back.',
      'Look for who still holds the old refresh token: a second process, a copy in memory that is older than the stored one, a restored backup, a retry after a lost answer.',
      `${share} Before it presents a refresh token it reads the stored one again.`,
    ],
  },
  refresh_token_dead: {
    title: 'Refresh tokens that are expired or revoked',
    meaning: 'The authorization server no longer accepts the refresh token, and nothing points to a race.',
    steps: [
      'Send the user to sign in again, once; repeating the request changes nothing.',
      'If many logins end at the same time, look for what happened to all of them: a deploy, new signing keys, an emptied database, an administrator.',
    ],
  },
  idle_expiry: {
    title: 'Logins that were unused for too long',
    meaning: 'The refresh token ended because nobody used it (idle lifetime).',
    steps: [
      'Send the user to sign in again.',
      'If the login should live without use, refresh it on a schedule (keepFresh of createTokenManager), or ask for a longer idle lifetime at the authorization server.',
    ],
  },
  client_authentication: {
    title: "The client's own credentials are refused",
    meaning:
      'The token endpoint does not accept the client id, secret or assertion (RFC 6749 section 5.2, invalid_client).',
    steps: [
      'Compare client id and secret with those at the authorization server; look for a secret that was rotated or has expired, and for instances with an old one.',
      'Do not sign users out for it: their refresh tokens are still good.',
    ],
  },
  throttled: {
    title: 'The token endpoint is asked too often',
    meaning: 'It answers 429, or says so.',
    steps: [
      'Refresh once per expiry, not once per caller: N callers that each refresh are N requests.',
      'Wait as long as Retry-After says; serve the current token while it is valid.',
    ],
  },
  outage: {
    title: 'The authorization server cannot be reached, or fails',
    meaning: 'Token requests end without an answer or with a 5xx.',
    steps: [
      'Keep the stored refresh tokens: nothing says that they are bad.',
      'Try again with growing pauses, one request for all callers. After a timeout the token may have been spent: only an authorization server with a grace period makes a repetition safe.',
    ],
  },
  clock_skew: {
    title: 'Clocks disagree',
    meaning: 'Tokens or assertions are refused as not valid yet, or for their times.',
    steps: [
      'Synchronise the clock of the host that the lines name (NTP); containers take the clock of their host, and lose time when it sleeps.',
      'Compute the expiry from expires_in and the time of the request, not from the token.',
    ],
  },
  store_corrupt: {
    title: 'Stored credentials that cannot be used',
    meaning:
      'What was written is not what can be read: torn by a second writer or a crash, or without its refresh token.',
    steps: [
      'Write to a temporary file and rename it, or let fileStore() do it: readers then see the old or the new content, never a part.',
      'Merge the answer into what is stored: many authorization servers leave refresh_token out, or send null, when it stays the same (RFC 6749 section 6).',
    ],
  },
}

export function adviceFor(kind: FindingKind, layer: Layer): Advice {
  if (kind !== 'refresh_race') return advices[kind]
  return {
    title: 'Refresh race',
    meaning:
      'Several callers presented the same refresh token at the same time. One got new tokens; the others had a token that was spent by then, and a strict authorization server may end the whole login for it.',
    steps: [
      ...raceSteps[layer],
      'After invalid_grant, read the store again before anybody is signed out: the one that succeeded has put new tokens there.',
    ],
  }
}
