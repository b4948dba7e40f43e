// What the reader of a page has already: the values that snippets name without saying where they come from.
import type { Grant, TokenManager, TokenManagers, TokenResponse, TokenStore } from '@tokenflight/core'

declare global {
  const grant: Grant
  const store: TokenStore
  const tokens: TokenManager
  const users: TokenManagers
  const tokenResponse: TokenResponse

  const clientId: string
  const clientSecret: string
  const privateKey: CryptoKey
  const userId: string
  const origins: string
  const path: string
  const url: string
  const baseUrl: string
  const baseURL: string

  function signIn(): Promise<void>
  function showSignIn(): void
  function readSecret(name: string): Promise<string>
  function markDisconnected(userId: string): Promise<void>
  function fetchKey(id: string): Promise<Uint8Array<ArrayBuffer>>
  function findTenant(key: string): Promise<{ grant: Grant; revoke: import('@tokenflight/core').Revoke }>
  function post(refreshToken: string): Promise<TokenResponse>

  /** A database of documents with a conditional write. */
  interface DocumentClient {
    get(
      key: string,
    ): Promise<{ record: import('@tokenflight/core').TokenRecord | undefined; version: string } | undefined>
    replaceIf(key: string, version: string, next: object): Promise<boolean>
  }
}
