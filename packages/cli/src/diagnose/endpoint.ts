/** Where nothing but refreshing is done. */
const refreshing =
  /\/(?:(?:auth|oauth2?|session|token|tokens|v\d)(?:\/[\w-]+){0,2}\/)?(?:refresh|refresh[-_]?token|token[-_]?refresh|renew)\/?(?:$|[?#"'\s,)])/i
const paths = [
  // .../oauth/token, /oauth2/v1/token, /connect/token, /realms/x/protocol/openid-connect/token, /auth/v1/token, /as/token, /o/token
  /\/(?:oauth2?|o|as|auth|connect|openid-connect|openid|oidc|sso|idp|identity|api|login|v\d[\w.]*)(?:\/[\w.~-]+){0,3}?\/(?:access_)?tokens?(?:\/bearer)?\/?(?:$|[?#"'\s,)])/i,
  /^(?:https?:\/\/[^/\s]+)?\/(?:-\/)?(?:oauth_|access_)?token\/?(?:$|[?#"'\s,)])/i,
  /\/(?:oauth_token\.do|oauth\.v2\.access|oauth\.v2\.exchange|tooling\.tokens\.rotate|-\/oauth_token|auth\/o2\/token|accessToken)(?:$|[?#"'\s])/,
  refreshing,
]

/** Whether this path or address is one where refresh tokens are redeemed, by the names that are in use. */
export function isTokenEndpoint(path: string): boolean {
  return paths.some((pattern) => pattern.test(path))
}

/** Whether nothing but refreshing is done there. */
export function isRefreshEndpoint(path: string): boolean {
  return refreshing.test(path) || /grant_type=refresh_token/.test(path)
}
