/** What the servers have seen since they were started; the page shows it. */
export interface Counts {
  /** Requests to the token endpoint that presented a refresh token. */
  tokenRequests: number
  /** Those of them that the server refused. */
  refused: number
  /** API calls that were answered with 200. */
  answered: number
  /** API calls that were answered with 401. */
  rejected: number
}
