/** Longer ones are not looked into. An ID token is some kilobytes at most; OpenID Connect Core section 2 limits `sub` to 255. */
const longest = { idToken: 65_536, subject: 255 }

/**
 * Whose tokens these are, by the `sub` of the answer's ID token. Read without verifying anything: it is a label, by which two
 * sign-ins are told apart, and no proof of who somebody is. It came over TLS from the token endpoint, as the access token did.
 */
export function subjectOf(idToken: unknown): string | undefined {
  if (typeof idToken !== 'string' || idToken.length > longest.idToken) return undefined
  try {
    const payload = idToken.split('.')[1] ?? ''
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
    const { sub } = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown }
    return typeof sub === 'string' && sub !== '' && sub.length <= longest.subject ? sub : undefined
  } catch {
    // Encrypted, or no JWT at all: then nobody knows.
    return undefined
  }
}
