import type { ClientAuth } from 'oauth4webapi'

/**
 * `client_secret_basic` (RFC 6749 section 2.3.1), encoded as HTML forms are: letters, digits and `*-._` stay as they are. Stricter
 * encoders turn `-` into `%2D` too, which is right as well, but servers that forget to decode then refuse a client whose id is a
 * UUID.
 */
export function clientSecretBasic(clientSecret: string): ClientAuth {
  return (_server, { client_id }, _body, headers) => {
    headers.set('authorization', `Basic ${btoa(`${formEncode(client_id)}:${formEncode(clientSecret)}`)}`)
  }
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}
