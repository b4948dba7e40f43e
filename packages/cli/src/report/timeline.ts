/**
 * What happened to one login in a short time, one lane for each who took part: the common input of the pictures, drawn by
 * `renderTimeline` for pages and by `drawTimeline` for terminals.
 */
export interface Timeline {
  /** Says what the picture shows, also to those who cannot see it. */
  title: string
  /** Milliseconds on any clock, as `at` and `until` below; the axis counts from here. */
  from: number
  /** Later than `from`, or the same where everything happened at once. */
  to: number
  lanes: Lane[]
}

export interface Lane {
  /** Short: a process, a request, a file. */
  label: string
  /** In order of `at`. */
  marks: Mark[]
  /** What became of it. */
  outcome?: { text: string; good?: boolean }
}

export interface Mark {
  at: number
  /** Where it went on for a while. */
  until?: number
  what: MarkKind
  /** A sentence for those who point at it. Without secrets. */
  text?: string
}

/**
 * Moments: `posted` a refresh token is sent, `kept` new tokens arrive, `refused` the token endpoint says no, `reused` it says that the
 * refresh token was spent before, `revoked` the login ends, `rejected` the API answers 401, `adopted` another's tokens are taken over,
 * `throttled` asked for patience, `unavailable` no answer or a server's failure, `broken` a stored credential cannot be used,
 * `noted` anything else worth a look. Spans (with `until`): `posting`, `refusing` (a token request in vain), `waiting`, `calling`, `alive`.
 */
export type MarkKind =
  | 'posted'
  | 'kept'
  | 'refused'
  | 'reused'
  | 'revoked'
  | 'rejected'
  | 'adopted'
  | 'throttled'
  | 'unavailable'
  | 'broken'
  | 'noted'
  | 'posting'
  | 'refusing'
  | 'waiting'
  | 'calling'
  | 'alive'
