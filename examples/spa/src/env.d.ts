interface ImportMetaEnv {
  /** The authorization server. */
  readonly VITE_ISSUER: string
  /** The API that wants its access tokens. */
  readonly VITE_API: string
}
